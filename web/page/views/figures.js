// Charts, counters and rates of the run.

import { LineChart } from "../charts.js";
import { Series } from "../series.js";
import { percent } from "../words.js";

const byId = (id) => document.getElementById(id);

/** Nobody reads figures faster than twice per second. */
const RATE_MS = 500;

export class Figures {
  #charts;
  #speed;
  /** The newest accuracy-coverage curve, with shares in percent in place of steps. */
  #curve = { all: new Series(), gate: new Series() };
  #ratedAt = 0;

  /** @param {import("../run-log.js").RunLog} log @param {import("../speed.js").Speed} speed */
  constructor({ series }, speed) {
    this.#speed = speed;
    const plain = (value, isTick) => (isTick ? String(value) : value.toFixed(2));
    const share = (value, isTick) => (isTick ? `${Math.round(100 * value)} %` : percent(value));
    const losses = [
      { name: "discriminator", color: "c0", series: series.d_loss },
      { name: "generator", color: "c1", series: series.g_loss },
      { name: "classifier", color: "c2", series: series.c_loss },
    ];
    const labels = [
      { name: "passing", color: "c0", series: series.gate_coverage },
      { name: "right", color: "c1", series: series.label_agreement },
      { name: "right, held out", color: "c2", series: series.accuracy, dots: true },
    ];
    const covered = [
      { name: "of all", color: "c0", series: this.#curve.all },
      { name: "of those that pass the gate", color: "c2", series: this.#curve.gate, dots: true },
    ];
    this.#charts = [
      new LineChart(byId("loss-chart"), byId("loss-legend"), losses, { title: "Losses", format: plain }),
      new LineChart(byId("gate-chart"), byId("gate-legend"), labels, {
        title: "Self-labels of real pictures",
        format: share,
        range: [0, 1],
      }),
      new LineChart(byId("coverage-chart"), byId("coverage-legend"), covered, {
        title: "Accuracy against coverage",
        format: share,
        range: [0, 1],
      }),
    ];
  }

  drawCharts() {
    this.#charts.forEach((chart) => chart.update());
  }

  /**
   * Replaces the accuracy-coverage curve. Its points are [threshold, coverage, accuracy].
   * @param {{gate: number[] | null, points: number[][]} | null} [curve]
   */
  showCurve(curve) {
    const { all, gate } = this.#curve;
    for (const series of [all, gate]) series.rewind(-1);
    for (const [, coverage, accuracy] of curve?.points ?? []) all.add(100 * coverage, accuracy);
    if (curve?.gate) gate.add(100 * curve.gate[1], curve.gate[2]);
    this.drawCharts();
  }

  /** @param {number} step @param {number | null} steps */
  showStep(step, steps) {
    byId("step-count").textContent = String(step);
    byId("step-total").textContent = steps ? ` of ${steps.toLocaleString("en")}` : "";
    byId("progress").max = steps ?? 1;
    byId("progress").value = step;
  }

  /** @param {number} batch real images per step */
  showRate(batch) {
    if (performance.now() - this.#ratedAt < RATE_MS) return;
    this.#ratedAt = performance.now();
    const rate = this.#speed.stepsPerSecond;
    if (!rate) return;
    const steps = rate < 10 ? rate.toFixed(1) : rate.toFixed(0);
    byId("rate").textContent = `${steps} steps/s · ${Math.round(rate * batch).toLocaleString("en")} images/s`;
  }

  clearRate() {
    this.#speed.restart();
    byId("rate").textContent = "–";
  }
}
