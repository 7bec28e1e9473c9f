// The table of artificial labels against true classes, from an evaluation on held-out pictures.

import { className, swatch } from "../palette.js";
import { percent } from "../words.js";

const byId = (id) => document.getElementById(id);
const NOTHING_YET = "The teacher labels held-out pictures. The table appears after the first evaluation.";

/**
 * @param {import("../protocol.js").RunEvent} evaluated with `confusion_counts`, [labels][classes]
 * @param {import("../palette.js").Naming} naming
 */
export function showConfusion(evaluated, naming) {
  byId("confusion-words").textContent = summary(evaluated);
  const counts = evaluated.confusion_counts;
  if (!counts) return byId("confusion").replaceChildren();
  byId("confusion").replaceChildren(head(naming), body(counts, naming));
}

export function clearConfusion() {
  byId("confusion-words").textContent = NOTHING_YET;
  byId("confusion").replaceChildren();
}

/** The most frequent class among pictures with a label; null if the label is unused. */
export function majority(counts, label) {
  const row = counts?.[label] ?? [];
  const most = Math.max(0, ...row);
  return most > 0 ? row.indexOf(most) : null;
}

function summary({ step, accuracy, clustering_accuracy, gate_coverage, gate_precision }) {
  const right =
    accuracy == null
      ? clustering_accuracy == null
        ? "no true classes to compare with"
        : `${percent(clustering_accuracy)} right under the best assignment of labels to classes`
      : `${percent(accuracy)} right`;
  const passed = gate_coverage == null ? "" : `; ${percent(gate_coverage)} pass the gate`;
  const precise = gate_precision == null ? "" : `, and ${percent(gate_precision)} of those are right`;
  const when = `Held-out pictures at step ${step.toLocaleString("en")}`;
  return `${when}, labelled by the teacher: ${right}${passed}${precise}.`;
}

function head({ class_names }) {
  const corner = cell("th", "Label", { scope: "col" });
  const names = class_names.map((name) => cell("th", name, { scope: "col", title: className(name) }));
  const row = document.createElement("tr");
  row.append(corner, ...names);
  const head = document.createElement("thead");
  head.append(row);
  return head;
}

function body(counts, naming) {
  const rows = counts.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const line = document.createElement("tr");
    const name = cell("th", "", { scope: "row" });
    name.append(swatch(label));
    line.append(name, ...row.map((count, index) => countCell(count, total, naming.classes[label] === index)));
    return line;
  });
  const body = document.createElement("tbody");
  body.append(...rows);
  return body;
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
