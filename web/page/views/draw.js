// A surface to draw on, with light strokes on dark as on a blackboard.

const PAPER = "#16202c";
const INK = "#f4f1e8";

/** The stroke's share of the side, about the same as in the drawn data set. */
const THICKNESS = 0.105;

export class DrawingSurface {
  #canvas;
  #context;
  #last = null;
  isEmpty = true;

  /** @param {HTMLCanvasElement} canvas @param {() => void} onStroke a stroke has ended */
  constructor(canvas, onStroke) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.clear();
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#last = this.#placeOf(event);
      this.#lineTo(this.#last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const part of passed.length > 0 ? passed : [event]) this.#lineTo(this.#placeOf(part));
    });
    canvas.addEventListener("lostpointercapture", () => onStroke());
  }

  clear() {
    this.#context.fillStyle = PAPER;
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.isEmpty = true;
  }

  #lineTo([x, y]) {
    const context = this.#context;
    context.strokeStyle = INK;
    context.lineWidth = this.#canvas.width * THICKNESS;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...this.#last);
    context.lineTo(x, y);
    context.stroke();
    this.#last = [x, y];
    this.isEmpty = false;
  }

  #placeOf({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = this.#canvas.width / box.width;
    return [(clientX - box.left) * scale, (clientY - box.top) * scale];
  }
}
