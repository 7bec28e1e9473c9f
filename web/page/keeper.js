// Keeps the newest checkpoint of a training run in memory, so that a lost device costs seconds.
//
// It is driven by the worker's events, never by timers: browsers slow the timers of hidden pages down.

/** A save is asked for this long after the last one at the earliest, and at the latest. */
const SOONEST_MS = 4_000;
const LATEST_MS = 8_000;

/** Saving may take this share of the time, as long as that keeps to `LATEST_MS`. */
const SHARE = 0.1;

/** A checkpoint that somebody waits for has to come within this time. */
const NEXT_MS = 60_000;

export class Keeper {
  /** @type {import("./protocol.js").CheckpointFiles & {step: number, at: number} | null} */
  checkpoint = null;
  #askedAt = null;
  #interval = SOONEST_MS;
  #since = performance.now();
  #waiting = [];

  /** Whether it is time to ask for a checkpoint; if so, it counts as asked for. */
  isDue() {
    if (this.#askedAt !== null || performance.now() - this.#since < this.#interval) return false;
    this.#askedAt = performance.now();
    return true;
  }

  /** A checkpoint came. @param {number} step @param {Uint8Array} header @param {Uint8Array} tensors */
  keep(step, header, tensors) {
    const at = performance.now();
    if (this.#askedAt !== null) {
      this.#interval = Math.min(Math.max((at - this.#askedAt) / SHARE, SOONEST_MS), LATEST_MS);
    }
    this.checkpoint = { step, header, tensors, at };
    this.restart();
    this.#waiting.splice(0).forEach(({ resolve }) => resolve(this.checkpoint));
  }

  /** The worker is another one: what was asked for will not come. */
  restart() {
    this.#askedAt = null;
    this.#since = performance.now();
  }

  /** Resolves to the checkpoint that comes next. @returns {Promise<NonNullable<Keeper["checkpoint"]>>} */
  next() {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      setTimeout(() => reject(new Error("The run could not be saved: the worker does not answer.")), NEXT_MS);
    });
  }

  /** No checkpoint will come any more. @param {string} sentence */
  abandon(sentence) {
    this.#waiting.splice(0).forEach(({ reject }) => reject(new Error(sentence)));
  }
}
