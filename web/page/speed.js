// Steps per second, from the times of the worker's reports.

const WINDOW_MS = 5_000;

export class Speed {
  /** @type {{at: number, step: number}[]} */
  #seen = [];

  /** @param {number} step steps done by now */
  mark(step) {
    const at = performance.now();
    this.#seen.push({ at, step });
    while (this.#seen.length > 2 && at - this.#seen[0].at > WINDOW_MS) this.#seen.shift();
  }

  /** After a pause or with a new worker, earlier times say nothing about the speed. */
  restart() {
    this.#seen = [];
  }

  /** Null while unknown. */
  get stepsPerSecond() {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || last.step === first.step) return null;
    return (1_000 * (last.step - first.step)) / (last.at - first.at);
  }
}
