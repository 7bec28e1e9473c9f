// Keeps the newest checkpoint of a training run in memory, so that a lost device costs seconds.
//
// The worker's events drive it, never timers: browsers slow down the timers of hidden pages.

/** The shortest and the longest time between two requests to save. */
const SOONEST_MS = 4_000;
const LATEST_MS = 8_000;

/** Saving may take this share of the time, within the limits above. */
const SHARE = 0.1;

/** A requested checkpoint must arrive within this time. */
const NEXT_MS = 60_000;

export class Keeper {
  /** @type {import("./protocol.js").CheckpointFiles & {step: number, at: number} | null} */
  checkpoint = null;
  #askedAt = null;
  #interval = SOONEST_MS;
  #since = performance.now();
  #waiting = [];

  /** Whether it is time to request a checkpoint; if so, it counts as requested. */
  isDue() {
    if (this.#askedAt !== null || performance.now() - this.#since < this.#interval) return false;
    this.#askedAt = performance.now();
    return true;
  }

  /** A checkpoint has arrived. @param {number} step @param {Uint8Array} header @param {Uint8Array} tensors */
  keep(step, header, tensors) {
    const at = performance.now();
    if (this.#askedAt !== null) {
      this.#interval = Math.min(Math.max((at - this.#askedAt) / SHARE, SOONEST_MS), LATEST_MS);
    }
    this.checkpoint = { step, header, tensors, at };
    this.restart();
    this.#waiting.splice(0).forEach(({ resolve }) => resolve(this.checkpoint));
  }

  /** There is a new worker: the requested checkpoint will not arrive. */
  restart() {
    this.#askedAt = null;
    this.#since = performance.now();
  }

  /** Resolves to the next checkpoint. @returns {Promise<NonNullable<Keeper["checkpoint"]>>} */
  next() {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      setTimeout(() => reject(new Error("The run could not be saved: the worker does not answer.")), NEXT_MS);
    });
  }

  /** No more checkpoints will arrive. @param {string} sentence */
  abandon(sentence) {
    this.#waiting.splice(0).forEach(({ reject }) => reject(new Error(sentence)));
  }
}
