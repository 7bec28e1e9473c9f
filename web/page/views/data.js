// The place where a visitor gives the files of a data set.

import { acceptDrops, forDataSet, fromDrop, fromInput, guessDataSet } from "../files.js";
import { attempt } from "../notices.js";
import { dataSet } from "../settings.js";
import { counted } from "../words.js";

const byId = (id) => document.getElementById(id);

const HINTS = {
  mnist: "Drop the four files here, or choose them: train-images-idx3-ubyte and its like, .gz or not.",
  "fashion-mnist": "Drop the four files here, or choose them: train-images-idx3-ubyte and its like, .gz or not.",
  cifar10: "Drop the binary version here, or choose it: data_batch_1.bin and its like, or cifar-10-binary.tar.gz.",
  folder: "Drop a folder here, or choose it, with a folder for each class in it. Pictures outside have no label.",
};

export class DataFilesView {
  /** @type {import("../protocol.js").PickedFile[]} */
  #picked = [];
  /** The files of the run, to be told from those chosen since. */
  #used = this.#picked;

  /** @param {() => void} onChange */
  constructor(onChange) {
    const choose = (input) => () => attempt(() => this.#take(fromInput(input.files), onChange));
    for (const id of ["files", "folder"]) byId(id).addEventListener("change", choose(byId(id)));
    byId("data").addEventListener("change", () => this.show());
    acceptDrops(byId("settings"), (transfer) => {
      const files = fromDrop(transfer);
      attempt(async () => this.#take(await files, onChange));
    });
    this.show();
  }

  /** The files as the chosen data set reads them; nothing for drawn digits. */
  get current() {
    return dataSet() === "glyphs" ? undefined : forDataSet(this.#picked, dataSet());
  }

  get folder() {
    return this.current?.folder || "pictures";
  }

  /** A run was made with the files as they are. */
  used() {
    this.#used = this.#picked;
  }

  /** Whether other files were chosen since. */
  get isOther() {
    return dataSet() !== "glyphs" && this.#used !== this.#picked;
  }

  /** Refuses to start without files. */
  checked() {
    const data = this.current;
    if (data && data.files.length === 0) {
      byId("data").focus();
      throw new Error(`Choose the files first. ${HINTS[dataSet()]}`);
    }
    return data && { files: data.files, pictures: data.pictures };
  }

  show() {
    const set = dataSet();
    byId("data-files").hidden = set === "glyphs";
    byId("image-size-field").hidden = set !== "folder";
    byId("folder-field").hidden = set !== "folder";
    byId("files-help").textContent = HINTS[set] ?? "";
    byId("files-chosen").textContent = this.#words();
  }

  #take(picked, onChange) {
    if (picked.length === 0) return;
    const guess = guessDataSet(picked, dataSet());
    if (!guess) throw new Error(`${picked[0].path}: neither a picture nor a file of a data set that this page knows.`);
    this.#picked = picked;
    if (guess !== dataSet()) {
      byId("data").value = guess;
      byId("data").dispatchEvent(new Event("change"));
    }
    this.show();
    onChange();
  }

  #words() {
    const data = this.current;
    if (!data || data.files.length === 0) return "No files yet.";
    const what = data.pictures ? counted(data.files.length, "picture") : counted(data.files.length, "file");
    const others = data.leftOut > 0 ? `, ${counted(data.leftOut, "other file")} left out` : "";
    return `${what}${data.folder ? ` in “${data.folder}”` : ""}${others}.`;
  }
}
