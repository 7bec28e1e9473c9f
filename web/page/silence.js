// Notices a worker that sends nothing although it should: not every crash announces itself.
//
// It counts silence in ticks of a timer, not by the clock, so that a machine that slept does not look like a worker
// that hangs. An evaluation keeps a worker silent for dozens of steps, so the limit depends on the time of a step
// and on the longest silence so far.

const TICK_MS = 5_000;

/** For answers, and before the first step: data may be large, and compiling the kernels may take a minute. */
const TICKS_BEFORE_FIRST_STEP = 24;

const FEWEST_TICKS = 6;
const LIMIT_STEPS = 40;

export class Silence {
  #ticks = 0;
  #longest = 0;
  #sawStep = false;
  #stepMs = 0;
  #steppedAt = null;
  /** Grows with every alarm, which may have been false. */
  #patience = 1;

  /** @param {() => "step" | "answer" | null} awaited what the worker should send @param {() => void} onSilence */
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

  /** The worker sent a message. @param {boolean} isStep whether it had the figures of a step */
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
