// The reproducibility suite and comparisons of reports, in workers of their own: the module for them is not the one
// that trains. It shows nothing.

import { Interrupted, Link } from "./link.js";
import { causeOf } from "./words.js";

const SCRIPT = "suite-worker.js";

/** @typedef {import("./protocol.js").ReportFile} ReportFile */

export class Suite {
  /** Reads and compares. It starts at the first request. @type {Link | null} */
  #reader = null;
  /** Runs the suite. Each run has a worker, so that it can be ended, and gives its device back. @type {Link | null} */
  #runner = null;
  #wasCancelled = false;

  /**
   * Runs the suite, and gives the bytes of its report; null if it was cancelled.
   * @param {"auto" | "gpu" | "cpu"} device @param {"standard" | "brief"} suite
   * @param {{onDevice: (device: import("./protocol.js").DeviceFacts) => void,
   *   onProgress: (progress: import("./protocol.js").SuiteProgress) => void}} listener
   * @returns {Promise<Uint8Array | null>}
   */
  async run(device, suite, { onDevice, onProgress }) {
    this.#wasCancelled = false;
    const link = linkTo((tell) => (tell.tell === "device" ? onDevice(tell.device) : onProgress(tell.progress)));
    this.#runner = link;
    try {
      return await link.request("run", { device, suite });
    } catch (error) {
      if (this.#wasCancelled) return null;
      throw error;
    } finally {
      link.end("The suite has ended.");
      this.#runner = null;
    }
  }

  /** Ends a run. */
  cancel() {
    this.#wasCancelled = true;
    this.#runner?.end("The suite was cancelled.");
  }

  /** The facts of a report. Fails if it is none. @param {ReportFile} file @returns {Promise<object>} */
  read(file) {
    return this.#ask("read", file);
  }

  /** Compares a report with a reference. @param {ReportFile} reference @param {ReportFile} other */
  compare(reference, other) {
    return this.#ask("compare", { reference, other });
  }

  async #ask(op, input) {
    this.#reader ??= linkTo(() => {});
    const link = this.#reader;
    try {
      return await link.request(op, input);
    } catch (error) {
      // A worker that died is replaced at the next request.
      if (error instanceof Interrupted && this.#reader === link) this.#reader = null;
      throw error;
    }
  }
}

/** A worker that ends, with the cause of its death, when it dies. @param {(tell: object) => void} onTell */
function linkTo(onTell) {
  const link = new Link(onTell, (kind, message) => link.end(causeOf(kind, message)), SCRIPT);
  return link;
}
