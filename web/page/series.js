// The figures of a run over its steps, as charts need them.

export class Series {
  /** @type {number[]} */
  steps = [];
  /** @type {(number | null)[]} */
  values = [];

  /** @param {number} step @param {number | null | undefined} value */
  add(step, value) {
    if (value == null || !Number.isFinite(value)) return;
    this.steps.push(step);
    this.values.push(value);
  }

  /** Drops everything after a step. @param {number} step */
  rewind(step) {
    const kept = this.steps.findIndex((known) => known > step);
    if (kept < 0) return;
    this.steps.length = kept;
    this.values.length = kept;
  }

  get last() {
    return this.values.at(-1);
  }

  /** The means of at most `count` neighbouring groups, as [step, value]. @param {number} count @returns {number[][]} */
  thinned(count) {
    const each = Math.max(1, Math.ceil(this.steps.length / count));
    const points = [];
    for (let start = 0; start < this.steps.length; start += each) {
      const group = this.values.slice(start, start + each);
      const last = Math.min(start + each, this.steps.length) - 1;
      points.push([this.steps[last], group.reduce((sum, value) => sum + value, 0) / group.length]);
    }
    return points;
  }
}

/** A moving mean over points [x, y]. @param {number[][]} points @param {number} width */
export function smoothed(points, width) {
  let sum = 0;
  return points.map(([x, y], index) => {
    sum += y - (index >= width ? points[index - width][1] : 0);
    return [x, sum / Math.min(index + 1, width)];
  });
}
