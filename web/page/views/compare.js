// The Compare view: it runs the reproducibility suite on this device, takes reports of others, and says whether they
// agree with the reference reports and with each other.

import { acceptDrops, bytesOf, download, fromDrop, fromInput } from "../files.js";
import { newest } from "../newest.js";
import { attempt, showError } from "../notices.js";
import { plain } from "../plain.js";
import { MOST_REPORT_BYTES, references } from "../references.js";
import { Suite } from "../suite.js";
import { LAYERS, alone, explained, titleOf, worst } from "../verdicts.js";
import { counted, deviceInWords } from "../words.js";
import { comparisonEntry } from "./comparison.js";

const byId = (id) => document.getElementById(id);
const onClick = (id, action) => byId(id).addEventListener("click", () => attempt(action));

/** Where each layer begins on the bar, and how long it is there: about the shares of time that they take. */
const PARTS = { exact: [0, 0.02], strict: [0.02, 0.13], kernels: [0.15, 0.25], training: [0.4, 0.6] };

/** The view forgets older reports, because each has more than a megabyte. */
const MOST_REPORTS = 20;

/** @typedef {import("../protocol.js").ReportFile & {facts: object, isFromHere?: boolean}} Report */

export class CompareView {
  #suite = new Suite();
  /** Reports that were made or dropped here, in this order. @type {Report[]} */
  #own = [];
  /** The reference reports, once they have been read. @type {Report[] | null} */
  #served = null;
  /** The newest report that was made here. @type {Report | null} */
  #made = null;

  /** @param {string} device the choice for the page's own device @param {string} suite */
  constructor(device, suite) {
    byId("repro-device").value = device;
    byId("repro-suite").value = suite;
    onClick("repro-run", () => this.#run());
    byId("repro-cancel").addEventListener("click", () => this.#suite.cancel());
    onClick("repro-save", () => {
      const { bytes, facts } = this.#made;
      const name = `slgan-repro-${facts.backend === "cpu" ? "cpu" : "webgpu"}.json`;
      download(new Blob([bytes], { type: "application/json" }), name);
    });
    byId("repro-subject").addEventListener("change", () => this.#judge());
    byId("repro-files").addEventListener("change", ({ target }) => {
      const { files } = fromInput(target.files);
      target.value = "";
      attempt(() => this.#take(files));
    });
    acceptDrops(byId("view-compare"), (transfer) => {
      const picked = fromDrop(transfer);
      attempt(async () => this.#take((await picked).files));
    });
  }

  async #run() {
    this.#setRunning(true);
    showProgress("loading", "The module is loading.", 0);
    try {
      const bytes = await this.#suite.run(byId("repro-device").value, byId("repro-suite").value, {
        onDevice: (device) => showProgress("running", `On ${deviceInWords(device)}.`, 0),
        onProgress: ({ layer, share, what }) => {
          const [start, length] = PARTS[layer];
          showProgress("running", `${LAYERS[layer].title}: ${what}.`, start + length * share);
        },
      });
      if (bytes === null) {
        showProgress("cancelled", "", 0);
        return;
      }
      await this.#keepMade(bytes);
      showProgress("done", "The report can be saved.", 1);
    } catch (error) {
      showProgress("failed", "", 0);
      throw error;
    } finally {
      this.#setRunning(false);
    }
  }

  /** One of the two buttons can be used; the focus goes to it, if it was on the other one. */
  #setRunning(isRunning) {
    const [used, other] = isRunning ? ["repro-run", "repro-cancel"] : ["repro-cancel", "repro-run"];
    const hadFocus = document.activeElement === byId(used);
    byId(other).disabled = false;
    if (hadFocus) byId(other).focus();
    byId(used).disabled = true;
    for (const id of ["repro-device", "repro-suite"]) byId(id).disabled = isRunning;
  }

  async #keepMade(bytes) {
    const facts = await this.#suite.read({ name: "this device", bytes });
    const name = `this device (${facts.backend === "cpu" ? "CPU" : "GPU"})`;
    this.#made = this.#keep({ name, bytes, facts, isFromHere: true });
    byId("repro-save").disabled = false;
    this.#judge();
  }

  /** One after the other. Files that are no reports do not stop the others; their errors come at the end. */
  async #take(files) {
    const wrong = [];
    setBusy(true);
    for (const { path, file } of files) {
      try {
        const bytes = await bytesOf(file, MOST_REPORT_BYTES);
        this.#keep({ name: path, bytes, facts: await this.#suite.read({ name: path, bytes }) });
      } catch (error) {
        wrong.push(error.message);
      }
    }
    setBusy(false);
    if (wrong.length < files.length) this.#judge();
    if (wrong.length > 0) throw new Error(wrong.join(" "));
  }

  /** Keeps a report under a name that no other has, and chooses it. @param {Report} report @returns {Report} */
  #keep(report) {
    const isTaken = (name) => this.#own.some((other) => other.name === name);
    let name = report.name;
    for (let number = 2; isTaken(name); number += 1) name = `${report.name} (${number})`;
    const kept = { ...report, name };
    this.#own = [...this.#own, kept].slice(-MOST_REPORTS);
    byId("repro-subject").replaceChildren(...this.#own.map(({ name }) => new Option(plain(name), name)));
    byId("repro-subject").value = name;
    byId("repro-subject-field").hidden = false;
    return kept;
  }

  /** Compares the chosen report with all others of its suite. */
  #judge = newest(async () => {
    const subject = this.#own.find(({ name }) => name === byId("repro-subject").value);
    setBusy(true);
    try {
      const served = await this.#references().catch((error) => {
        // The visitor's own reports can still be compared.
        showError(error);
        return [];
      });
      const others = [...served, ...this.#own.filter((report) => report !== subject)];
      const fitting = others.filter(({ facts }) => facts.suite === subject.facts.suite);
      const comparisons = [];
      for (const other of fitting) comparisons.push([await this.#suite.compare(other, subject), other]);
      showVerdict(subject, comparisons, others.length - fitting.length);
    } finally {
      setBusy(false);
    }
  }, showError);

  async #references() {
    if (!this.#served) {
      const served = [];
      for (const file of await references()) served.push({ ...file, facts: await this.#suite.read(file) });
      this.#served = served;
    }
    return this.#served;
  }
}

/** Shows that the verdict is not the newest. @param {boolean} isBusy */
function setBusy(isBusy) {
  byId("repro-result").setAttribute("aria-busy", String(isBusy));
  byId("repro-busy").hidden = !isBusy;
}

/** @param {string} status in a word @param {string} words @param {number} share of the whole suite */
function showProgress(status, words, share) {
  // A reader would say a word again that is set again.
  if (byId("repro-status").textContent !== status) byId("repro-status").textContent = status;
  byId("repro-words").textContent = plain(words);
  byId("repro-progress").value = share;
}

/** @param {Report} subject @param {[object, Report][]} comparisons @param {number} skipped reports of another suite */
function showVerdict(subject, comparisons, skipped) {
  const verdicts = comparisons.map(([{ verdict }]) => verdict);
  const who = subject.isFromHere ? "This device" : `The device of “${subject.name}”`;
  const total = verdicts.length > 0 ? worst(verdicts) : "none";
  byId("repro-verdict").textContent = total === "none" ? "Nothing to compare with" : titleOf(total);
  byId("repro-verdict").dataset.verdict = total;
  byId("repro-explained").textContent = plain(
    total === "none" ? "There is no other report of the same suite here. Drop one." : explained(who, verdicts),
  );
  byId("repro-alone").textContent = alone(subject.facts);
  byId("repro-alone").hidden = false;
  const others = counted(skipped, "other report is", "other reports are");
  byId("repro-skipped").textContent = `${others} of another suite, and cannot be compared with this one.`;
  byId("repro-skipped").hidden = skipped === 0;
  byId("repro-comparisons").replaceChildren(...comparisons.map(([found, other]) => comparisonEntry(found, other)));
}
