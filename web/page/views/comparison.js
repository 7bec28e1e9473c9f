// The comparison of a report with one other, as an entry of the list.

import { plain } from "../plain.js";
import { LAYERS, countsInWords, shareInWords, titleOf } from "../verdicts.js";

/** At most this many differences of the environments are listed. */
const MOST_DIFFERENCES = 12;

/**
 * @param {object} comparison the answer of the operation `compare`
 * @param {{name: string, facts: object}} other the report that it was compared with
 */
export function comparisonEntry(comparison, { name, facts }) {
  const entry = document.createElement("li");
  entry.className = "panel comparison";
  Object.assign(entry.dataset, { verdict: comparison.verdict, name });
  const verdict = made("p", titleOf(comparison.verdict), "verdict");
  verdict.dataset.verdict = comparison.verdict;
  entry.append(made("h3", facts.about), made("p", name, "soft"), verdict, made("p", sentenceOf(comparison)));
  entry.append(layers(comparison.layers));
  const more = details(comparison, name);
  if (more) entry.append(more);
  return entry;
}

/** The library's sentence may begin with the name of a report that has no capital letter. */
function sentenceOf({ sentence }) {
  return sentence.replace(/^this device/, "This device");
}

function layers(all) {
  const list = document.createElement("dl");
  for (const { layer, counts } of all) {
    const { title, about } = LAYERS[layer];
    const part = document.createElement("div");
    part.append(made("dt", `${title} ${about}`), made("dd", countsInWords(counts)));
    list.append(part);
  }
  return list;
}

/** What an expert asks next; nothing if there is no difference. */
function details({ causes, partings, differences, rows }, name) {
  if (rows.length === 0 && differences.length === 0) return null;
  const box = document.createElement("details");
  box.append(made("summary", "What differs, and why"));
  const lines = differences.slice(0, MOST_DIFFERENCES).map(({ what, reference, other }) => {
    return `${what}: ${other} (the other report: ${reference})`;
  });
  if (differences.length > lines.length) lines.push(`and ${differences.length - lines.length} more`);
  box.append(...section("Causes", causes), ...section("Where trainings part", partings));
  box.append(...section("What may change the last digits", lines));
  if (rows.length > 0) box.append(table(rows, name));
  return box;
}

function section(title, lines) {
  if (lines.length === 0) return [];
  const list = document.createElement("ul");
  list.append(...lines.map((line) => made("li", line)));
  return [made("h3", title), list];
}

function table(rows, name) {
  const region = document.createElement("div");
  region.className = "scroll";
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", plain(`What differs from ${name}`));
  const list = document.createElement("table");
  const head = document.createElement("tr");
  const titles = ["What", "Verdict", "Differ", "Of what rounding explains", "First at"];
  head.append(...titles.map((title) => heading(title, "col")));
  list.createTHead().append(head);
  list.createTBody().append(...rows.map(line));
  region.append(list);
  return region;
}

function line({ layer, name, verdict, differ, all, share, first }) {
  const row = document.createElement("tr");
  const cells = [verdict, `${differ} of ${all}`, shareInWords(share), first ?? ""];
  row.append(heading(`${LAYERS[layer].title}: ${name}`, "row"), ...cells.map((cell) => made("td", cell)));
  return row;
}

function heading(text, scope) {
  const cell = made("th", text);
  cell.scope = scope;
  return cell;
}

/** An element with text, which may come from a stranger's file. */
function made(kind, text, style = "") {
  const element = document.createElement(kind);
  if (style) element.className = style;
  element.textContent = plain(text);
  return element;
}
