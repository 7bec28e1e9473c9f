// Provides a working worker at any time, or says why there is none.
//
// When a worker dies, the host starts another, opens the device again and lets its owner restore the state. It gives up
// after repeated deaths without progress. It does not know what the owner restores.

import { Interrupted, Link } from "./link.js";
import { adviceFor, causeOf } from "./words.js";
import { wordsOf } from "./protocol.js";

/** The host gives up after this many deaths in a row without progress. */
const MOST_FAILURES = 3;

/** Each failure makes the pause before a new worker this much longer: a driver needs time to recover. */
const PAUSE_MS = 1_000;

/** A worker that still answers after this time has worked: its death begins a new row of failures. */
const STEADY_MS = 30_000;

/** @typedef {import("./protocol.js").DeviceFacts} DeviceFacts */
/** @typedef {import("./protocol.js").DataSet} DataSet */

/**
 * @typedef {object} Hooks the owner's part
 * @property {(tell: import("./protocol.js").Tell) => void} hear
 * @property {(cause: string) => void} died the worker is gone, and another one is starting
 * @property {(facts: {device: DeviceFacts, defaults: object, dataSets: DataSet[]}) => void} opened
 * @property {(link: Link) => Promise<void>} restore brings a new worker to where the last one was
 * @property {(sentence: string, mayBeDevice: boolean) => void} gaveUp
 */

export class Host {
  /** @type {Link | null} */
  link = null;
  #choice;
  #hooks;
  #failures = 0;
  #gaveUp = false;
  /** Counts recoveries. Only the newest one continues. */
  #recoveries = 0;
  #openedAt = 0;
  /** @type {Promise<Link>} */
  #ready;

  /** @param {"auto" | "gpu" | "cpu"} choice @param {Hooks} hooks */
  constructor(choice, hooks) {
    this.#choice = choice;
    this.#hooks = hooks;
    this.#ready = this.#held(this.#connect());
  }

  /** The worker, once its device is open. @returns {Promise<Link>} */
  ready() {
    return this.#ready;
  }

  /** The same, with a new worker if the host gave up the last one. */
  revive() {
    if (this.#gaveUp) {
      this.#gaveUp = false;
      this.#failures = 0;
      this.#ready = this.#held(this.#recover());
    }
    return this.#ready;
  }

  /** Continues on another device. @param {"auto" | "gpu" | "cpu"} choice */
  moveTo(choice) {
    this.#choice = choice;
    this.#drop("The page changed to another device.");
    this.#gaveUp = true;
    return this.revive();
  }

  /** Something worked: the next failure is the first in a row. */
  progress() {
    this.#failures = 0;
  }

  /** The worker has answered. Right after its start this proves nothing: the next request may kill it. */
  answered() {
    if (performance.now() - this.#openedAt > STEADY_MS) this.progress();
  }

  /** The worker is dead. @param {Link | null} link @param {import("./protocol.js").DeathKind} kind */
  fail(link, kind, message = "") {
    if (!link || link !== this.link) return;
    const cause = causeOf(kind, message);
    this.#failures += 1;
    if (this.#failures >= MOST_FAILURES) {
      this.giveUp(`${cause} It happened ${MOST_FAILURES} times in a row. ${adviceFor(kind)}`);
      return;
    }
    this.#drop(`${cause} ${adviceFor(kind)}`);
    this.#hooks.died(cause);
    this.#ready = this.#held(this.#recover());
  }

  /**
   * Ends the worker, until `revive`.
   * @param {string} sentence @param {boolean} [mayBeDevice] whether another device may do better
   */
  giveUp(sentence, mayBeDevice = true) {
    this.#drop(sentence);
    this.#gaveUp = true;
    this.#ready = this.#held(Promise.reject(new Interrupted(sentence)));
    this.#hooks.gaveUp(sentence, mayBeDevice);
  }

  async #connect() {
    const link = new Link(this.#hooks.hear, (kind, message) => this.fail(link, kind, message));
    this.link = link;
    const facts = await link.request("open", { device: this.#choice });
    this.#openedAt = performance.now();
    this.#hooks.opened(facts);
    return link;
  }

  async #recover() {
    const number = ++this.#recoveries;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * Math.max(0, this.#failures - 1)));
    if (number !== this.#recoveries) throw new Interrupted("Another worker is starting.");
    const link = await this.#connect();
    await this.#hooks.restore(link);
    return link;
  }

  /** Those who wait for the promise get its failure; if nobody waits, the failure is no error. */
  #held(promise) {
    const held = promise.catch((error) => {
      if (error instanceof Interrupted) throw error;
      // The worker is alive but of no use: it has no device, or refuses the run.
      this.giveUp(wordsOf(error));
      throw new Interrupted(wordsOf(error));
    });
    held.catch(() => {});
    return held;
  }

  #drop(sentence) {
    this.link?.end(sentence);
    this.link = null;
  }
}
