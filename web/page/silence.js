// Notices a worker that says nothing although it should: not every crash announces itself.
//
// Silence is counted in ticks of a timer instead of by the clock, so that a machine that slept is not taken for a
// worker that hangs. A worker is quiet while it evaluates, which takes as long as some dozens of steps; hence the limit
// follows the time of a step and the longest silence so far.

const TICK_MS = 5_000;

/**
 * For answers, and before the first step: data may be large, and a device compiles its kernels, which a browser may take
 * a minute for.
 */
const TICKS_BEFORE_FIRST_STEP = 24;

const FEWEST_TICKS = 6;
const LIMIT_STEPS = 40;

export class Silence {
  #ticks = 0;
  #longest = 0;
  #sawStep = false;
  #stepMs = 0;
  #steppedAt = null;
  /** Grows with every false alarm that it may have been. */
  #patience = 1;

  /** @param {() => "step" | "answer" | null} awaited what the worker owes @param {() => void} onSilence */
  constructor(awaited, onSilence) {
    setInterval(() => {
      const owed = awaited();
      this.#ticks = owed ? this.#ticks + 1 : 0;
      if (this.#ticks <= this.#limit(owed)) return;
      this.#patience *= 2;
      this.#ticks = 0;
      this.#sawStep = false;
      this.#steppedAt = null;
      onSilence();
    }, TICK_MS);
  }

  /** The worker said something. @param {boolean} isStep whether it was the figures of a step */
  heard(isStep) {
    if (this.#sawStep) this.#longest = Math.max(this.#longest, this.#ticks);
    this.#ticks = 0;
    if (!isStep) return;
    const now = performance.now();
    if (this.#steppedAt !== null) this.#stepMs = now - this.#steppedAt;
    this.#steppedAt = now;
    this.#sawStep = true;
  }

  #limit(owed) {
    if (owed !== "step" || !this.#sawStep) return this.#patience * TICKS_BEFORE_FIRST_STEP;
    const evaluation = (LIMIT_STEPS * this.#stepMs) / TICK_MS;
    return this.#patience * Math.max(FEWEST_TICKS, 4 * this.#longest, evaluation);
  }
}
