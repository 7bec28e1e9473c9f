// The map of the plane of two anchors: cells coloured by label, and a point that mouse, touch and arrow keys move.
//
// It draws and knows the point; its owner asks the worker for labels and pictures.

import { inkOn, pixelColor } from "../palette.js";

/** The map has this many places per side. */
export const RESOLUTION = 240;

/** The map extends to this many times the anchors' distance from the origin. */
const EXTENT_IN_RADII = 1.6;

/** A cell gets a number if it has at least this many places. */
const SMALLEST_NUMBERED = 150;

const KEY_STEPS = 40;

export class PlaneMap {
  #canvas;
  #onMove;
  /** The coloured cells, without the point. */
  #cells = new OffscreenCanvas(RESOLUTION, RESOLUTION);
  #numbers = [];
  #anchors = [];
  extent = 5;
  point = { x: 0, y: 0 };

  /** @param {HTMLCanvasElement} canvas @param {() => void} onMove the point has moved */
  constructor(canvas, onMove) {
    this.#canvas = canvas;
    this.#onMove = onMove;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#moveToPointer(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) this.#moveToPointer(event);
    });
    canvas.addEventListener("keydown", (event) => this.#moveByKey(event));
  }

  /** A new model: moves the point to a place that shows something. @param {number} radius of the anchors */
  reset(radius) {
    this.extent = (radius || 3) * EXTENT_IN_RADII;
    this.point = { x: 0.75 * (radius || 3), y: 0.35 * (radius || 3) };
  }

  /**
   * @param {Uint16Array} labels RESOLUTION rows from the top @param {number} first label of the anchor to the right
   * @param {number} second label of the anchor above @param {number} radius
   */
  showCells(labels, first, second, radius) {
    const picture = new ImageData(RESOLUTION, RESOLUTION);
    for (let place = 0; place < labels.length; place++) {
      const color = pixelColor(labels[place], place % RESOLUTION, Math.floor(place / RESOLUTION));
      picture.data.set([...color, 255], 4 * place);
    }
    this.#cells.getContext("2d").putImageData(picture, 0, 0);
    this.#numbers = centers(labels);
    this.#anchors = [
      { label: first, x: radius, y: 0 },
      { label: second, x: 0, y: radius },
    ];
    this.draw();
  }

  draw() {
    const context = this.#canvas.getContext("2d");
    const { width, height } = this.#canvas;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#cells, 0, 0, width, height);
    context.font = "600 20px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const { label, column, row } of this.#numbers) {
      context.fillStyle = inkOn(label);
      context.fillText(String(label), ((column + 0.5) / RESOLUTION) * width, ((row + 0.5) / RESOLUTION) * height);
    }
    for (const anchor of this.#anchors) this.#drawAnchor(context, anchor);
    this.#drawPoint(context);
  }

  #drawAnchor(context, { x, y }) {
    const [left, top] = this.#placeOf(x, y);
    context.beginPath();
    context.rect(left - 5, top - 5, 10, 10);
    context.fillStyle = "#fff";
    context.strokeStyle = "#000";
    context.lineWidth = 2;
    context.fill();
    context.stroke();
  }

  #drawPoint(context) {
    const [left, top] = this.#placeOf(this.point.x, this.point.y);
    for (const [color, width] of [["#000", 7], ["#fff", 3]]) {
      context.beginPath();
      context.arc(left, top, 13, 0, 2 * Math.PI);
      context.strokeStyle = color;
      context.lineWidth = width;
      context.stroke();
    }
  }

  #placeOf(x, y) {
    const { width, height } = this.#canvas;
    return [((x / this.extent + 1) / 2) * width, ((1 - y / this.extent) / 2) * height];
  }

  #moveToPointer(event) {
    const box = this.#canvas.getBoundingClientRect();
    const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.#moveTo((2 * across - 1) * this.extent, (1 - 2 * down) * this.extent);
  }

  #moveByKey(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!direction) return;
    event.preventDefault();
    const step = ((event.shiftKey ? 5 : 1) * 2 * this.extent) / KEY_STEPS;
    this.#moveTo(this.point.x + direction[0] * step, this.point.y + direction[1] * step);
  }

  #moveTo(x, y) {
    const inside = (value) => Math.min(Math.max(value, -this.extent), this.extent);
    this.point = { x: inside(x), y: inside(y) };
    this.draw();
    this.#onMove();
  }
}

/** For each large enough cell, the place inside it that is nearest to its centre. */
function centers(labels) {
  const cells = new Map();
  labels.forEach((label, place) => {
    const cell = cells.get(label) ?? { label, count: 0, columns: 0, rows: 0 };
    cell.count += 1;
    cell.columns += place % RESOLUTION;
    cell.rows += Math.floor(place / RESOLUTION);
    cells.set(label, cell);
  });
  const large = [...cells.values()].filter(({ count }) => count >= SMALLEST_NUMBERED);
  return large.map(({ label, count, columns, rows }) => nearest(labels, label, columns / count, rows / count));
}

function nearest(labels, label, column, row) {
  let best = { label, column: 0, row: 0, distance: Infinity };
  labels.forEach((other, place) => {
    if (other !== label) return;
    const at = { column: place % RESOLUTION, row: Math.floor(place / RESOLUTION) };
    const distance = (at.column - column) ** 2 + (at.row - row) ** 2;
    if (distance < best.distance) best = { label, ...at, distance };
  });
  return best;
}
