// The grid of generated pictures, with the label of each row beside it.

import { choiceInWords, classOfLabel, swatch } from "../palette.js";
import { show, showTiles } from "../pixels.js";

export const COLUMNS = 10;

const byId = (id) => document.getElementById(id);

/**
 * Names the rows of a grid.
 * @param {HTMLElement} list @param {import("../palette.js").Naming} naming
 * @param {(label: number) => string} [otherwise] the name of a label without a class
 */
export function nameRows(list, naming, otherwise = () => "") {
  const rows = naming.shown.map((label) => {
    const row = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = classOfLabel(naming, label) || otherwise(label);
    row.append(swatch(label), words);
    return row;
  });
  list.replaceChildren(...rows);
}

/**
 * Shows the pictures of a model before any training.
 * @param {object} facts of the model @param {Uint8Array} pixels of its rows
 */
export function showExample(facts, pixels) {
  showTiles(byId("grid"), pixels, COLUMNS, facts.image.size);
  mark("example", facts.step);
  nameRows(byId("grid-labels"), facts);
  const trained = `A trained example, after ${facts.step.toLocaleString("en")} steps.`;
  byId("grid-caption").textContent = `${trained}${choiceInWords(facts)} Press Train to start a run of your own.`;
}

/** Shows the pictures of a loaded run. @param {object} facts of the run @param {Uint8Array} pixels of its rows */
export function showRows(facts, pixels, naming) {
  showTiles(byId("grid"), pixels, COLUMNS, facts.image.size);
  markRun(facts.step, naming);
  nameRows(byId("grid-labels"), naming);
}

/** Shows the grid of a run. @param {import("../protocol.js").RunEvent} event `samples` @param {Uint8Array} pixels */
export function showSamples(event, pixels, naming, otherwise) {
  show(byId("grid"), pixels, event.width, event.height);
  markRun(event.step, naming);
  nameRows(byId("grid-labels"), naming, otherwise);
}

function markRun(step, naming) {
  mark("run", step);
  const words =
    step === 0 ? "Your run before its first step: noise." : `Your run after ${step.toLocaleString("en")} steps.`;
  byId("grid-caption").textContent = words + choiceInWords(naming);
}

function mark(source, step) {
  byId("grid").dataset.step = String(step);
  byId("grid").dataset.source = source;
}
