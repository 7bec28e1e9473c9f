// The teacher's prediction for one picture, as an entry of the list.

import { className, cssColor, labelInWords, swatch } from "../palette.js";
import { plain } from "../plain.js";
import { showEnlarged } from "../pixels.js";
import { percent } from "../words.js";

/** Bars are shown for at most this many labels, the most probable ones. */
const MOST_BARS = 12;

const SHOWN_SIDE = 128;

/**
 * @param {{prediction: object, preview: Uint8Array}} answer of the operation `label`
 * @param {object} facts of the model @param {string} path of the picture
 */
export function predictionEntry({ prediction, preview }, facts, path) {
  const name = plain(path);
  const entry = document.createElement("li");
  entry.className = "panel prediction";
  Object.assign(entry.dataset, {
    label: prediction.label,
    confidence: prediction.confidence,
    passesGate: prediction.passes_gate,
    class: prediction.class_name ?? "",
  });
  entry.append(asSeen(preview, facts.image.size, name), inWords(prediction, name), bars(prediction, facts));
  return entry;
}

function asSeen(preview, size, name) {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${name} as the network sees it`);
  showEnlarged(canvas, preview, size, SHOWN_SIDE);
  const caption = document.createElement("figcaption");
  caption.textContent = `as seen, ${size} × ${size}`;
  figure.append(canvas, caption);
  return figure;
}

function inWords(prediction, picture) {
  const box = document.createElement("div");
  const head = paragraph("verdict", "");
  const name = prediction.class_name == null ? `label ${prediction.label}` : className(prediction.class_name);
  head.append(swatch(prediction.label), name);
  const sure = paragraph("", `Confidence ${percent(prediction.confidence)}.`);
  const tau = percent(prediction.tau);
  const gate = prediction.passes_gate
    ? `It passes the gate (at least ${tau}): training would use this label.`
    : `It does not pass the gate (below ${tau}): training would not use this label.`;
  box.append(head, sure, paragraph(prediction.passes_gate ? "passes" : "stopped", gate), paragraph("soft", picture));
  return box;
}

function bars({ probabilities }, facts) {
  const list = document.createElement("ul");
  list.className = "bars";
  list.setAttribute("aria-label", "Probability of each label");
  const order = probabilities.map((probability, label) => ({ probability, label }));
  const most = order.sort((a, b) => b.probability - a.probability).slice(0, MOST_BARS);
  most.sort((a, b) => a.label - b.label);
  list.append(...most.map(({ probability, label }) => bar(probability, label, facts)));
  return list;
}

function bar(probability, label, facts) {
  const entry = document.createElement("li");
  const track = document.createElement("span");
  track.className = "track";
  const fill = document.createElement("span");
  fill.style.width = `${100 * probability}%`;
  fill.style.backgroundColor = cssColor(label);
  track.append(fill);
  const value = document.createElement("span");
  value.textContent = percent(probability);
  const mark = swatch(label);
  mark.title = labelInWords(facts, label);
  entry.append(mark, track, value);
  return entry;
}

function paragraph(kind, text) {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
}
