// The table of artificial labels against true classes, from an evaluation on held-out pictures.

import { className, swatch } from "../palette.js";
import { shortened } from "../plain.js";
import { percent } from "../words.js";
import { generatedColumns, generatedInWords } from "./generated.js";

const byId = (id) => document.getElementById(id);
const NOTHING_YET = "The teacher labels held-out pictures. The table appears after the first evaluation.";

/** At most this many classes have a column of their own: nobody could read more. */
const MOST_COLUMNS = 32;

/**
 * @param {import("../protocol.js").RunEvent} evaluated with `confusion_counts`, [labels][classes]
 * @param {import("../palette.js").Naming} naming
 */
export function showConfusion(evaluated, naming) {
  const counts = evaluated.confusion_counts;
  const columns = counts ? columnsOf(counts, naming) : [];
  const words = summary(evaluated, naming) + generatedInWords(evaluated) + choice(counts, columns, naming);
  byId("confusion-words").textContent = words;
  if (!counts) return byId("confusion").replaceChildren();
  const generated = generatedColumns(evaluated, naming);
  byId("confusion").replaceChildren(head(columns, naming, generated), body(counts, columns, naming, generated));
}

export function clearConfusion() {
  byId("confusion-words").textContent = NOTHING_YET;
  byId("confusion").replaceChildren();
}

/** The most frequent class among pictures with a label; null if the label is unused. */
export function majority(counts, label) {
  const row = counts?.[label] ?? [];
  const most = row.reduce((most, count) => Math.max(most, count), 0);
  return most > 0 ? row.indexOf(most) : null;
}

/** All classes, or with too many the own or most frequent class of each label that is shown. @returns {number[]} */
function columnsOf(counts, naming) {
  const { class_names, shown, classes } = naming;
  if (class_names.length <= MOST_COLUMNS) return class_names.map((_, index) => index);
  const found = new Set(shown.map((label) => classes[label] ?? majority(counts, label)));
  found.delete(null);
  return [...found].sort((a, b) => a - b).slice(0, MOST_COLUMNS);
}

function summary({ step, accuracy, clustering_accuracy, gate_coverage, gate_precision }, { class_names }) {
  const right = accuracy == null ? assigned(clustering_accuracy, class_names) : `${percent(accuracy)} right`;
  const passed = gate_coverage == null ? "" : `; ${percent(gate_coverage)} pass the gate`;
  const precise = gate_precision == null ? "" : `, and ${percent(gate_precision)} of those are right`;
  const when = `Held-out pictures at step ${step.toLocaleString("en")}`;
  return `${when}, labelled by the teacher: ${right}${passed}${precise}.`;
}

function assigned(share, class_names) {
  if (share != null) return `${percent(share)} right under the best assignment of labels to classes`;
  const tooMany = class_names.length > MOST_COLUMNS;
  return tooMany ? "too many classes to assign labels to them" : "no true classes to compare with";
}

/** What the table leaves out. */
function choice(counts, columns, { shown, labels, class_names }) {
  const count = (number) => number.toLocaleString("en");
  const all = `${count(labels)} labels and ${count(class_names.length)} classes`;
  if (!counts) return class_names.length > MOST_COLUMNS ? ` A table of ${all} would be too large.` : "";
  if (shown.length === labels && columns.length === class_names.length) return "";
  return ` The table shows ${shown.length} and ${columns.length} of ${all}.`;
}

function head(columns, { class_names }, generated) {
  const corner = cell("th", "Label", { scope: "col" });
  const named = (name) => cell("th", shortened(name, 20), { scope: "col", title: className(name) });
  const names = columns.map((index) => named(class_names[index]));
  if (columns.length < class_names.length) names.push(cell("th", "others", { scope: "col" }));
  const figures = generated.map(({ name, meaning }) => cell("th", name, { scope: "col", title: meaning }));
  const row = document.createElement("tr");
  row.append(corner, ...names, ...figures);
  const head = document.createElement("thead");
  head.append(row);
  return head;
}

function body(counts, columns, naming, generated) {
  const body = document.createElement("tbody");
  body.append(...naming.shown.map((label) => line(counts[label], label, columns, naming, generated)));
  return body;
}

function line(row, label, columns, naming, generated) {
  const sum = (counts) => counts.reduce((sum, count) => sum + count, 0);
  const total = sum(row);
  const own = columns.map((index) => row[index]);
  const cells = columns.map((index, at) => countCell(own[at], total, naming.classes[label] === index));
  if (columns.length < row.length) cells.push(countCell(total - sum(own), total, false));
  const name = cell("th", "", { scope: "row" });
  name.append(swatch(label));
  const line = document.createElement("tr");
  line.append(name, ...cells, ...generated.map(({ text }) => cell("td", text(label), { class: "figure" })));
  return line;
}

function countCell(count, total, isOwn) {
  const share = total > 0 ? count / total : 0;
  const made = cell("td", count === 0 ? "·" : String(count), {});
  made.style.setProperty("--share", share.toFixed(3));
  made.classList.toggle("strong", share > 0.5);
  made.classList.toggle("own", isOwn);
  return made;
}

function cell(name, text, attributes) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
