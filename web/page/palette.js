// A colour, a pattern and a name for every artificial label.
//
// The ten colours are Paul Tol's `muted` scheme, which people with any of the common colour-vision deficiencies can
// distinguish, with a tenth that fits. From the eleventh label on, the colours repeat with a pattern. A label's number
// is always beside its colour, so nothing depends on the colour alone.

import { shortened } from "./plain.js";

const COLORS = [
  [51, 34, 136], [136, 204, 238], [68, 170, 153], [17, 119, 51], [221, 204, 119],
  [204, 102, 119], [136, 34, 85], [170, 68, 153], [153, 153, 51], [120, 125, 135],
];

/** Patterns: whether the pixel at (x, y) is lightened. */
const PATTERNS = [
  () => false,
  (x, y) => (x + y) % 8 < 3,
  (x, y) => x % 6 < 2 && y % 6 < 2,
  (x, y) => (x - y + 4096) % 8 < 3,
  (x, y) => y % 6 < 2,
  (x) => x % 6 < 2,
];

const LIGHTENED = 0.45;

/** @param {number} label @param {number} x @param {number} y @returns {number[]} red, green and blue */
export function pixelColor(label, x, y) {
  const color = COLORS[label % COLORS.length];
  const pattern = PATTERNS[Math.floor(label / COLORS.length) % PATTERNS.length];
  return pattern(x, y) ? color.map((part) => part + LIGHTENED * (255 - part)) : color;
}

/** @param {number} label */
export const cssColor = (label) => `rgb(${COLORS[label % COLORS.length].join(" ")})`;

/** Black or white, whichever can be read on the label's colour. @param {number} label */
export function inkOn(label) {
  const [red, green, blue] = COLORS[label % COLORS.length].map((part) => (part / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.19 ? "#000" : "#fff";
}

/** A small square with the label's colour, pattern and number. @param {number} label */
export function swatch(label) {
  const mark = document.createElement("span");
  mark.className = "swatch";
  mark.dataset.pattern = String(Math.floor(label / COLORS.length) % PATTERNS.length);
  mark.style.backgroundColor = cssColor(label);
  mark.style.color = inkOn(label);
  mark.textContent = String(label);
  return mark;
}

/**
 * @typedef {object} Naming how labels are named
 * @property {number} labels how many there are
 * @property {number[]} shown the labels that lists show: all, or a choice if there are very many
 * @property {string[]} class_names
 * @property {(number | null)[]} classes the class of each label
 */

/** The naming of a run: each class owns `labels_per_class` neighbouring labels. @returns {Naming} */
export function namingOfRun({ labels, shown, class_names, labels_per_class }) {
  const classOf = (label) => (labels_per_class ? Math.floor(label / labels_per_class) : null);
  return { labels, shown, class_names, classes: Array.from({ length: labels }, (_, label) => classOf(label)) };
}

/** The name of a class in a sentence. @param {string} name */
export const className = (name) => (/^\d+$/.test(name) ? `class ${name}` : shortened(name));

/** Which labels are shown, if these are not all. @param {{shown: number[], labels: number}} naming */
export function choiceInWords({ shown, labels }) {
  return shown.length < labels ? ` ${shown.length} of ${labels.toLocaleString("en")} labels are shown.` : "";
}

/** The class of a label in words, or nothing. @param {Naming} naming @param {number} label */
export function classOfLabel(naming, label) {
  const index = naming.classes[label];
  return index == null ? "" : className(naming.class_names[index]);
}

/** A label in words. @param {Naming} naming @param {number} label */
export function labelInWords(naming, label) {
  const name = classOfLabel(naming, label);
  return name ? `label ${label}, ${name}` : `label ${label}`;
}
