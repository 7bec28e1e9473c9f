// The page's log of a run: its events, and the figures for the charts.
//
// When a worker dies, the log drops everything after the checkpoint, because these steps come again. So the log equals
// that of an uninterrupted run.

import { Series } from "./series.js";

/** Above this many events, the log drops the oldest tenth. */
const MOST_EVENTS = 50_000;

const FIGURES = ["d_loss", "g_loss", "c_loss", "gate_coverage", "label_agreement"];

export class RunLog {
  /** @type {import("./protocol.js").RunEvent[]} */
  events = [];
  /** @type {Record<string, Series>} */
  series = Object.fromEntries([...FIGURES, "accuracy"].map((name) => [name, new Series()]));

  /** @param {import("./protocol.js").RunEvent} event */
  add(event) {
    if (event.event === "turn") return;
    this.events.push(event);
    if (this.events.length > MOST_EVENTS) this.events.splice(0, MOST_EVENTS / 10);
    if (event.event === "step") FIGURES.forEach((name) => this.series[name].add(event.step, event[name]));
    if (event.event === "evaluated") {
      this.series.accuracy.add(event.step, event.accuracy ?? event.clustering_accuracy);
    }
  }

  /** The lines of events.jsonl until a step, without events that only this page knows. @param {number} step */
  linesUntil(step) {
    const emitted = this.events.filter((event) => event.event !== "recovered" && (event.step ?? 0) <= step);
    return emitted.map((event) => `${JSON.stringify(event)}\n`).join("");
  }

  /** Drops everything after a step; with a step below 0, everything. @param {number} step */
  rewind(step) {
    const kept = this.events.filter((event) => (event.step ?? 0) <= step);
    // The array stays the same object, because scripts keep it.
    this.events.splice(0, this.events.length, ...kept);
    for (const series of Object.values(this.series)) series.rewind(step);
  }
}
