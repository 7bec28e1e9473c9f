// Chooses how often a run reports, from its speed: figures many times per second, a grid every two seconds, an
// evaluation now and then.
//
// This does not change what the networks learn. The last step always reports everything.

/** Until the speed is known. The page requests checkpoints by time instead. */
const FIRST = { log_every: 1, sample_every: 10, evaluate_every: 100, checkpoint_every: 0 };

const RECONSIDER_MS = 6_000;
const WORTH_STEPS = 100;
const MUCH = 2.5;
const FIGURES_PER_SECOND = 30;

/** Only the grid moves by itself, so it changes less often for visitors who prefer less motion. */
const SECONDS_PER_GRID = matchMedia("(prefers-reduced-motion: reduce)").matches ? 8 : 2;
const SECONDS_PER_EVALUATION = 5;

export class Pace {
  #every = FIRST;
  #since = null;
  #speed;

  /** @param {import("./speed.js").Speed} speed */
  constructor(speed) {
    this.#speed = speed;
  }

  /** Starts anew. @returns {Map<string, string>} the settings to begin with */
  begin() {
    this.#every = FIRST;
    this.#since = null;
    return asSettings(this.#every);
  }

  /**
   * Settings that suit the speed much better, or null, because a change costs a saved state. Called at every step.
   * @param {number} left steps to come @returns {Map<string, string> | null}
   */
  adjusted(left) {
    const now = performance.now();
    this.#since ??= now;
    if (now - this.#since < RECONSIDER_MS || left < WORTH_STEPS) return null;
    this.#since = now;
    const rate = this.#speed.stepsPerSecond;
    if (!rate) return null;
    const next = {
      ...FIRST,
      log_every: round(rate / FIGURES_PER_SECOND),
      sample_every: Math.max(2, round(rate * SECONDS_PER_GRID)),
      evaluate_every: Math.min(Math.max(50, round(rate * SECONDS_PER_EVALUATION)), 200),
    };
    const isFar = (key) => next[key] > MUCH * this.#every[key] || MUCH * next[key] < this.#every[key];
    if (!Object.keys(next).some(isFar)) return null;
    this.#every = next;
    return asSettings(next);
  }
}

const asSettings = (every) => new Map(Object.entries(every).map(([key, value]) => [`report.${key}`, String(value)]));

/** The round number at or above a value: 1, 2, 5, 10, 20, ... */
function round(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10);
}
