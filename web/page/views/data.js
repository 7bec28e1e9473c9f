// Where a visitor chooses the files of a data set.

import { dataSet, dataSets, find, kindOf } from "../data-sets.js";
import { acceptDrops, fromDrop, fromInput, guessDataSet, nameOf } from "../files.js";
import { attempt } from "../notices.js";
import { shortened } from "../plain.js";
import { counted } from "../words.js";

const byId = (id) => document.getElementById(id);

/** Which files to choose. */
const hint = () => find(dataSet())?.hint ?? "Drop the files here, or choose them.";

export class DataFilesView {
  /** @type {import("../protocol.js").Picked} */
  #picked = { files: [], folders: [] };
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

  /** A name for the pictures, as of a folder. */
  get folder() {
    return nameOf(this.#picked) || "pictures";
  }

  /** A run now uses the present files. */
  used() {
    this.#used = this.#picked;
  }

  /** Whether the visitor has chosen other files since. */
  get isOther() {
    return kindOf() !== "drawn" && this.#used !== this.#picked;
  }

  /**
   * The files for a data set, nothing for drawn digits; throws an error if they are needed and missing.
   * @param {string} [set] its name; the chosen one, if absent
   * @returns {import("../protocol.js").DataFiles | undefined}
   */
  checked(set = dataSet()) {
    if (kindOf(set) === "drawn") return undefined;
    if (this.#picked.files.length === 0) {
      byId("data").focus();
      throw new Error(`Choose the files first. ${hint()}`);
    }
    return { set, ...this.#picked };
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
    if (picked.files.length === 0) {
      if (picked.folders.length > 0) throw new Error(`${picked.folders[0]}: this folder has no files.`);
      return;
    }
    const sets = await dataSets;
    const guess = guessDataSet(picked, dataSet(), sets);
    if (!guess) {
      const [{ path }] = picked.files;
      throw new Error(`${path}: neither a picture nor a file of a data set that this page knows.`);
    }
    this.#picked = picked;
    if (guess !== dataSet()) {
      byId("data").value = guess;
      byId("data").dispatchEvent(new Event("change"));
    }
    this.show();
    onChange();
  }

  #words() {
    const { files } = this.#picked;
    if (kindOf() === "drawn" || files.length === 0) return "No files yet.";
    if (kindOf() !== "pictures" || nameOf(this.#picked) === "") return `${counted(files.length, "file")}.`;
    const name = `“${shortened(nameOf(this.#picked))}”`;
    return files.length === 1 ? `${name}.` : `${counted(files.length, "file")} in ${name}.`;
  }
}
