// Everything needed to restore a run in another worker: its settings, its data, and its newest checkpoint.

import { Keeper } from "./keeper.js";

/** Settings as the module takes them: a JSON list of pairs. @param {Iterable<[string, string]>} settings */
export const asPairs = (settings) => JSON.stringify([...settings]);

export class RunRecord {
  keeper = new Keeper();
  /** Keys that changed after the start. @type {Set<string>} */
  #changed = new Set();
  #data;

  /**
   * @param {Map<string, string>} settings @param {import("./protocol.js").DataFiles | undefined} data
   * @param {number} step steps done
   */
  constructor(settings, data, step) {
    /** The newest settings, changes included. */
    this.settings = new Map(settings);
    this.#data = data;
    /** The newest reported step. */
    this.step = step;
  }

  /** The run has taken new values. @param {Map<string, string>} settings */
  changed(settings) {
    for (const [key, value] of settings) {
      this.settings.set(key, value);
      this.#changed.add(key);
    }
  }

  /** Restores the run in a worker that has none, and returns its facts. @param {import("./link.js").Link} link */
  async remake(link) {
    this.keeper.restart();
    const { checkpoint } = this.keeper;
    const facts = checkpoint ? await this.#resume(link, checkpoint) : await this.#begin(link);
    this.step = facts.step;
    return facts;
  }

  #begin(link) {
    return link.request("create", { settings: asPairs(this.settings), data: this.#data });
  }

  async #resume(link, { header, tensors }) {
    const operational = asPairs([...this.settings].filter(isOperational));
    const facts = await link.request("resume", { header, tensors, settings: operational, data: this.#data });
    // Changes after the checkpoint now apply from the checkpoint on.
    const others = [...this.settings].filter((setting) => this.#changed.has(setting[0]) && !isOperational(setting));
    return others.length > 0 ? link.request("change", { settings: asPairs(others) }) : facts;
  }
}

/** Whether a resumed run may change this setting. @param {[string, string]} setting */
const isOperational = ([key]) => key === "steps" || key.startsWith("report.");
