// The Explore view: the map with its point, interpolation, and rows of all labels, for the chosen model.

import { newest } from "../newest.js";
import { showUnlessInterrupted } from "../notices.js";
import { choiceInWords, classOfLabel, labelInWords, swatch } from "../palette.js";
import { plain } from "../plain.js";
import { showEnlarged, showTiles } from "../pixels.js";
import { isShown } from "../tabs.js";
import { nameRows } from "./grid.js";
import { PlaneMap, RESOLUTION } from "./map.js";

const byId = (id) => document.getElementById(id);
const STRIP_COLUMNS = 11;
const ROW_COLUMNS = 10;

export class ExploreView {
  #request;
  #map = new PlaneMap(byId("map"), () => this.#drawPoint());
  /** The facts of the model that the controls are for. */
  #facts = null;
  /** Whether something changed while the view was hidden. */
  #stale = true;

  /** @param {import("../supervisor.js").Supervisor} supervisor @param {import("./sources.js").Sources} sources */
  constructor(supervisor, sources) {
    this.#request = (op, input) => supervisor.request(op, { source: sources.current, ...input });
    sources.addEventListener("change", () => this.refresh());
    byId("anchor-x").addEventListener("change", () => this.#anchorChanged(byId("anchor-x"), byId("anchor-y")));
    byId("anchor-y").addEventListener("change", () => this.#anchorChanged(byId("anchor-y"), byId("anchor-x")));
    for (const id of ["from", "to"]) byId(id).addEventListener("change", () => this.#drawStrip());
    for (const id of ["truncation", "noise"]) byId(id).addEventListener("input", () => this.#drawAll());
  }

  /** The model may have changed. Draws at once if the view is visible, else when it appears. */
  refresh() {
    if (isShown("explore")) this.draw();
    else this.#stale = true;
  }

  /** The view appears. */
  shown() {
    if (this.#stale) this.draw();
  }

  /** Draws everything for the current model. */
  draw = newest(async () => {
    this.#stale = false;
    const facts = await this.#request("facts", {});
    const isOther = JSON.stringify(shapeOf(facts)) !== JSON.stringify(this.#facts && shapeOf(this.#facts));
    this.#facts = facts;
    if (isOther) this.#setUp(facts);
    byId("model-words").textContent = modelInWords(facts);
    this.#drawAll();
  }, showUnlessInterrupted);

  #setUp(facts) {
    this.#map.reset(facts.radius);
    const { shown } = facts;
    const options = (select, chosen) => {
      select.replaceChildren(...shown.map((label) => new Option(optionWords(facts, label), String(label))));
      select.selectedIndex = Math.min(chosen, shown.length - 1);
    };
    options(byId("anchor-x"), 3 % shown.length);
    options(byId("anchor-y"), shown.length > 8 ? 8 : 1 - Math.min(3 % shown.length, 1));
    options(byId("from"), 1);
    options(byId("to"), 7);
    nameRows(byId("rows-labels"), facts);
    byId("legend").replaceChildren(...shown.map((label) => legendEntry(facts, label)), ...more(facts));
  }

  #drawAll() {
    const { truncation, seed } = noise();
    byId("truncation-value").value = truncation.toFixed(2);
    byId("noise-value").value = String(seed);
    if (!this.#facts) return;
    this.#drawPlane();
    this.#drawStrip();
    this.#drawRows();
  }

  /** One anchor spans no plane: if both are equal, the other one changes. */
  #anchorChanged(changed, other) {
    if (other.value === changed.value) other.selectedIndex = (changed.selectedIndex + 1) % other.options.length;
    this.#drawPlane();
  }

  #drawPlane() {
    if (!this.#facts) return;
    this.#drawCells();
    this.#drawPoint();
  }

  #plane() {
    return { first: Number(byId("anchor-x").value), second: Number(byId("anchor-y").value), ...noise() };
  }

  #drawCells = newest(async () => {
    const plane = this.#plane();
    const labels = await this.#request("map", { ...plane, resolution: RESOLUTION, extent: this.#map.extent });
    this.#map.showCells(labels, plane.first, plane.second, this.#facts.radius);
  }, showUnlessInterrupted);

  #drawPoint = newest(async () => {
    if (!this.#facts) return;
    const { pixels, label } = await this.#request("at", { ...this.#plane(), ...this.#map.point });
    showEnlarged(byId("map-image"), pixels, this.#facts.image.size);
    byId("map-image").dataset.label = String(label);
    byId("map-words").replaceChildren(swatch(label), labelInWords(this.#facts, label));
  }, showUnlessInterrupted);

  #drawStrip = newest(async () => {
    if (!this.#facts) return;
    const ends = { from: Number(byId("from").value), to: Number(byId("to").value) };
    const pixels = await this.#request("between", { ...ends, columns: STRIP_COLUMNS, ...noise() });
    showTiles(byId("strip"), pixels, STRIP_COLUMNS, this.#facts.image.size);
  }, showUnlessInterrupted);

  #drawRows = newest(async () => {
    const pixels = await this.#request("rows", { columns: ROW_COLUMNS, ...noise() });
    showTiles(byId("rows"), pixels, ROW_COLUMNS, this.#facts.image.size);
  }, showUnlessInterrupted);
}

const noise = () => ({ truncation: byId("truncation").valueAsNumber, seed: byId("noise").valueAsNumber });

function optionWords(facts, label) {
  const name = classOfLabel(facts, label);
  return name ? `${label}: ${name}` : `label ${label}`;
}

function legendEntry(facts, label) {
  const entry = document.createElement("li");
  entry.append(swatch(label), classOfLabel(facts, label) || `label ${label}`);
  return entry;
}

/** The end of a list that shows a choice of the labels. */
function more({ shown, labels }) {
  if (shown.length === labels) return [];
  const entry = document.createElement("li");
  entry.textContent = `and ${(labels - shown.length).toLocaleString("en")} more`;
  return [entry];
}

/** The facts that the controls depend on. */
const shapeOf = ({ labels, class_names, classes, radius }) => ({ labels, class_names, classes, radius });

function modelInWords(facts) {
  const { step, data, labels, image } = facts;
  const trained = `Trained for ${step.toLocaleString("en")} steps on ${plain(data)}`;
  const what = `${labels.toLocaleString("en")} artificial labels, pictures of ${image.size} × ${image.size} pixels.`;
  return `${trained}: ${what}${choiceInWords(facts)}`;
}
