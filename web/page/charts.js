// Line charts in SVG, drawn at their displayed size, with the newest figures in the legend.

import { smoothed } from "./series.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 8, right: 8, bottom: 22, left: 42 };
const MOST_POINTS = 400;

/** A line with more points than this also shows their moving mean. */
const SMOOTH_ABOVE = 60;
const SMOOTHING = 15;

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} color a class of the style sheet
 * @property {import("./series.js").Series} series
 * @property {boolean} [dots] rare points, also drawn as dots
 */

export class LineChart {
  #svg;
  #legend;
  #lines;
  #options;
  #due = false;

  /**
   * @param {SVGSVGElement} svg @param {HTMLElement} legend @param {Line[]} lines
   * @param {{range?: [number, number], format: (value: number) => string, title: string}} options
   */
  constructor(svg, legend, lines, options) {
    this.#svg = svg;
    this.#legend = legend;
    this.#lines = lines;
    this.#options = options;
    new ResizeObserver(() => this.update()).observe(svg);
    this.update();
  }

  /** Draws at the next frame, however often it is called until then. */
  update() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    const { title, format } = this.#options;
    const [width, height] = [this.#svg.clientWidth, this.#svg.clientHeight];
    this.#legend.replaceChildren(...this.#lines.map((line) => legendItem(line, format)));
    if (width === 0) return;
    const drawn = this.#lines.map((line) => ({ ...line, points: line.series.thinned(MOST_POINTS) }));
    const scales = this.#scales(drawn, width, height);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.setAttribute("aria-label", `${title}: ${this.#lines.map((line) => spoken(line, format)).join(", ")}`);
    this.#svg.replaceChildren(...axes(scales, format), ...drawn.flatMap((line) => curve(line, scales)));
  }

  #scales(drawn, width, height) {
    const values = drawn.flatMap(({ points }) => points.map(([, y]) => y)).sort((a, b) => a - b);
    const lastStep = Math.max(10, ...drawn.map(({ points }) => points.at(-1)?.[0] ?? 0));
    const [low, high] = this.#options.range ?? paddedRange(values);
    const x = (step) => MARGIN.left + (step / lastStep) * (width - MARGIN.left - MARGIN.right);
    const y = (value) => {
      const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
      return height - MARGIN.bottom - share * (height - MARGIN.top - MARGIN.bottom);
    };
    return { x, y, xTicks: ticks(0, lastStep, Math.max(2, width / 110)), yTicks: ticks(low, high, height / 45), width };
  }
}

/** The range of sorted values without the hundredth at each end, which would flatten all others. */
function paddedRange(sorted) {
  if (sorted.length === 0) return [0, 1];
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.01), at(0.99)];
  const padding = Math.max((high - low) * 0.08, 0.05);
  return [low - padding, high + padding];
}

/** Round numbers in a range, about `count` of them. */
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) found.push(tick);
  return found.map((tick) => Number(tick.toPrecision(10)));
}

function axes({ x, y, xTicks, yTicks, width }, format) {
  const bottom = y(-Infinity);
  const rules = yTicks.flatMap((tick) => [
    element("line", { class: "rule", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick) }),
    element("text", { class: "y", x: MARGIN.left - 6, y: y(tick) + 4 }, format(tick, true)),
  ]);
  const marks = xTicks.map((tick, index) => {
    const end = index === xTicks.length - 1 && x(tick) > width - 30;
    return element("text", { class: end ? "x end" : "x", x: x(tick), y: bottom + 16 }, tick.toLocaleString("en"));
  });
  return [...rules, ...marks];
}

function curve({ points, color, dots }, { x, y }) {
  const path = (pairs) => pairs.map(([step, value], at) => `${at ? "L" : "M"}${x(step)} ${y(value)}`).join("");
  if (dots) {
    const marks = points.map(([step, value]) => element("circle", { class: color, cx: x(step), cy: y(value), r: 3 }));
    return [element("path", { class: `line ${color}`, d: path(points) }), ...marks];
  }
  if (points.length <= SMOOTH_ABOVE) return [element("path", { class: `line ${color}`, d: path(points) })];
  return [
    element("path", { class: `raw ${color}`, d: path(points) }),
    element("path", { class: `line ${color}`, d: path(smoothed(points, SMOOTHING)) }),
  ];
}

function legendItem(line, format) {
  const item = document.createElement("li");
  item.className = line.color;
  const name = document.createElement("span");
  name.textContent = `${line.name} `;
  const value = document.createElement("b");
  value.textContent = line.series.last === undefined ? "–" : format(line.series.last);
  item.append(name, value);
  return item;
}

const spoken = ({ name, series }, format) => `${name} ${series.last === undefined ? "unknown" : format(series.last)}`;

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}
