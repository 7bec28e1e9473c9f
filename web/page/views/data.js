// Where a visitor chooses the files of a data set.

import { dataSet, dataSets, find, kindOf } from "../data-sets.js";
import { acceptDrops, forDataSet, fromDrop, fromInput, guessDataSet } from "../files.js";
import { attempt } from "../notices.js";
import { counted } from "../words.js";

const byId = (id) => document.getElementById(id);

/** Which files to choose. */
const hint = () => find(dataSet())?.hint ?? "Drop the files here, or choose them.";

export class DataFilesView {
  /** @type {import("../protocol.js").PickedFile[]} */
  #picked = [];
  /** The files of the run; the visitor may have chosen others since. */
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

  /** The files in the form that the chosen data set reads; nothing for drawn digits. */
  get current() {
    return kindOf() === "drawn" ? undefined : forDataSet(this.#picked, kindOf());
  }

  get folder() {
    return this.current?.folder || "pictures";
  }

  /** A run now uses the present files. */
  used() {
    this.#used = this.#picked;
  }

  /** Whether the visitor has chosen other files since. */
  get isOther() {
    return kindOf() !== "drawn" && this.#used !== this.#picked;
  }

  /** The files; throws an error if they are needed and missing. */
  checked() {
    const data = this.current;
    if (data && data.files.length === 0) {
      byId("data").focus();
      throw new Error(`Choose the files first. ${hint()}`);
    }
    return data && { files: data.files, pictures: data.pictures };
  }

  show() {
    const kind = kindOf();
    byId("data-files").hidden = kind === "drawn";
    byId("image-size-field").hidden = kind !== "pictures";
    byId("folder-field").hidden = kind !== "pictures";
    byId("files-help").textContent = hint();
    byId("files-chosen").textContent = this.#words();
  }

  async #take(picked, onChange) {
    if (picked.length === 0) return;
    const sets = await dataSets;
    const guess = guessDataSet(picked, dataSet(), sets);
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
