// The controls of a run, and their configuration keys.
//
// Only this module knows both; all others use keys, as `slgan train --set KEY=VALUE` does.

import { given, refuse } from "./address.js";
import { dataSet, find, kindOf, offer, request } from "./data-sets.js";

const byId = (id) => document.getElementById(id);

/**
 * @typedef {object} Control
 * @property {string} id of the element
 * @property {string} key of the configuration
 * @property {boolean} [live] takes effect at the next step; else after a reset
 */

/** @type {Control[]} */
const CONTROLS = [
  { id: "data", key: "data" },
  { id: "preset", key: "preset" },
  { id: "strict", key: "strict" },
  { id: "batch", key: "batch" },
  { id: "seed", key: "seed" },
  { id: "artificial-labels", key: "latent.artificial_labels" },
  { id: "image-size", key: "images.size" },
  { id: "labels", key: "labels", live: true },
  { id: "mode", key: "mode", live: true },
  { id: "tau", key: "gate.tau", live: true },
  { id: "steps", key: "steps", live: true },
  { id: "generator-rate", key: "generator.learning_rate", live: true },
  { id: "discriminator-rate", key: "discriminator.learning_rate", live: true },
  { id: "classifier-rate", key: "classifier.learning_rate", live: true },
];

/** The values of empty fields. */
const WHEN_EMPTY = { "artificial-labels": "0" };

/** A dragged slider counts once it has rested this long. */
const SETTLED_MS = 150;

/** @param {(control: Control, read: () => string) => void} onChange `read` throws if the value is wrong */
export function startSettings(onChange) {
  prefill();
  for (const control of CONTROLS) {
    const field = byId(control.id);
    const changed = () => onChange(control, () => valueOf(control));
    field.addEventListener("change", changed);
    if (field.type === "range") field.addEventListener("input", settled(changed));
  }
  rememberLabels();
  byId("tau").addEventListener("input", showThreshold);
  showThreshold();
}

/** Each data set has its own share of manual labels: choosing it again restores that choice. */
function rememberLabels() {
  const chosen = {};
  let shown = dataSet();
  byId("data").addEventListener("change", () => {
    chosen[shown] = byId("labels").value;
    shown = dataSet();
    byId("labels").value = chosen[shown] ?? labelsFor(shown);
  });
}

/** The share of manual labels that shows the method at its best. @param {string} set */
const labelsFor = (set) => find(set)?.labels ?? usual(byId("labels"));

/** The default of a choice. @param {HTMLSelectElement} select */
const usual = (select) => [...select.options].find((option) => option.defaultSelected).value;

/**
 * Offers the library's data sets, and sets the share of labels for the one in the page's address.
 * @param {import("./protocol.js").DataSet[]} sets @returns {boolean} whether they are new
 */
export function offerDataSets(sets) {
  const requested = dataSet();
  if (!offer(sets)) return false;
  if (requested !== dataSet()) refuse("data");
  const labels = byId("labels");
  if (given("labels") === null && labels.value === usual(labels)) labels.value = labelsFor(dataSet());
  return true;
}

/** Runs an action once its calls have paused for a moment: every new value of a run costs a saved state. */
function settled(action) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, SETTLED_MS);
  };
}

/** Every control as a setting. @param {string} folder the name of the chosen folder @returns {Map<string, string>} */
export function collect(folder) {
  const settings = new Map(CONTROLS.map((control) => [control.key, valueOf(control)]));
  if (kindOf() === "pictures") {
    settings.set("data", `${dataSet()}:${folder}`);
    // What this browser cannot decode is left out, and counted.
    settings.set("images.skip_bad", "true");
  } else {
    settings.delete("images.size");
  }
  return settings;
}

/** The names of controls whose new values wait for a reset. @param {Map<string, string>} running */
export function awaitingReset(running) {
  const isSame = ({ id, key }) => byId(id).value === shownAs(id, running.get(key) ?? byId(id).value);
  const isUsed = ({ id }) => id !== "image-size" || kindOf() === "pictures";
  const differs = (control) => !control.live && isUsed(control) && !isSame(control);
  return CONTROLS.filter(differs).map(({ id }) => nameOf(byId(id)));
}

/** The page's name for a configuration key, if it has a control. @param {string} key */
export function nameOfKey(key) {
  const control = CONTROLS.find((control) => control.key === key);
  return control && nameOf(byId(control.id));
}

/** Shows the library's defaults in fields that nobody has changed. @param {Record<string, any>} defaults by key */
export function showDefaults(defaults) {
  for (const control of CONTROLS) {
    const field = byId(control.id);
    const isUntouched = field.type !== "select-one" && field.value === field.defaultValue;
    if (isUntouched && defaults[control.key] !== undefined) put(control, String(defaults[control.key]));
  }
  showThreshold();
}

/** Shows the values of a run. @param {Record<string, any>} settings by key */
export function showSettings(settings) {
  for (const control of CONTROLS) {
    const value = settings[control.key];
    if (value !== undefined) put(control, String(value));
  }
  showThreshold();
}

/** Refuses a value that the field's own checks reject. */
function valueOf({ id }) {
  const field = byId(id);
  const wrong = !field.checkValidity() || (field.value === "" && !(id in WHEN_EMPTY));
  field.setAttribute("aria-invalid", String(wrong));
  if (wrong) throw new Error(`${nameOf(field)}: ${field.validationMessage || "a value is needed."}`);
  return field.value || WHEN_EMPTY[id];
}

/** The field's value for a setting. The page ignores a data set's folder: `mnist:DIR` is `mnist` here. */
function shownAs(id, value) {
  if (id === "data") return value.split(":")[0];
  return value === WHEN_EMPTY[id] ? "" : value;
}

function put({ id }, value) {
  const field = byId(id);
  const shown = shownAs(id, value);
  if (field.tagName === "SELECT") addChoice(field, shown);
  field.value = shown;
}

/** Adds a choice from the page's address or from a checkpoint. */
function addChoice(select, value) {
  if (offers(select, value)) return;
  const percent = Number((100 * Number(value)).toPrecision(6));
  select.add(new Option(isShare(value) ? `${percent} % of the pictures` : value, value));
}

const offers = (select, value) => [...select.options].some((option) => option.value === value);

/** Whether a value is a share of the pictures, above 0 and below 1. @param {string} value */
const isShare = (value) => /^0?\.\d{1,9}$/.test(value) && Number(value) > 0;

/** Takes values from the page's address, as far as their controls allow them: `?data=..&labels=..&steps=..`. */
function prefill() {
  for (const control of CONTROLS) {
    const value = given(control.id);
    if (value === null) continue;
    if (!isAllowed(byId(control.id), value)) refuse(control.id);
    else if (control.id === "data") request(value);
    else put(control, value);
  }
}

/** Whether a control can have a value. The library's list has to decide about the name of a data set. */
function isAllowed(field, value) {
  if (field.id === "data") return /^[a-z0-9-]{1,30}$/.test(value);
  if (field.tagName === "SELECT") return offers(field, value) || (field.id === "labels" && isShare(value));
  if (!/^[0-9.e+-]+$/i.test(value)) return false;
  const before = field.value;
  field.value = value;
  // A slider corrects what it cannot show.
  const isValid = field.value !== "" && field.checkValidity();
  field.value = before;
  return isValid && (field.type !== "range" || isWithin(field, Number(value)));
}

const isWithin = ({ min, max }, number) => Number(min) <= number && number <= Number(max);

function showThreshold() {
  byId("tau-value").value = byId("tau").valueAsNumber.toFixed(2);
}

function nameOf(field) {
  const [words] = field.labels[0].childNodes;
  return words.textContent.trim();
}
