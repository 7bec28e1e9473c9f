// The Train view: its buttons and settings, and the run's events.

import { attempt, notice } from "../notices.js";
import { className, namingOfRun } from "../palette.js";
import { Pace } from "../pace.js";
import { awaitingReset, collect, offerDataSets, showDefaults, showSettings, startSettings } from "../settings.js";
import { Speed } from "../speed.js";
import { counted, forPage } from "../words.js";
import { clearConfusion, majority, showConfusion } from "./confusion.js";
import { DataFilesView } from "./data.js";
import { Figures } from "./figures.js";
import { COLUMNS, showRows, showSamples } from "./grid.js";
import { checkpointOf, configurationIn, startSaving } from "./save.js";

const COMPILING = "The GPU's driver is compiling the kernels of the first step. That may take a minute.";

const byId = (id) => document.getElementById(id);

export class TrainView {
  #supervisor;
  #log;
  #speed = new Speed();
  #pace = new Pace(this.#speed);
  #figures;
  #data;
  /** The newest evaluation, which names the rows of a run without manual labels. */
  #evaluated = null;
  #showExample;
  /** Whether the GPU may not have compiled the kernels of a step yet. */
  #compiles = false;

  /**
   * @param {import("../supervisor.js").Supervisor} supervisor @param {import("../run-log.js").RunLog} log
   * @param {() => void} showExample puts the trained example back on the grid
   */
  constructor(supervisor, log, showExample) {
    this.#supervisor = supervisor;
    this.#log = log;
    this.#showExample = showExample;
    this.#figures = new Figures(log, this.#speed);
    startSettings((control, read) => attempt(() => this.#settingChanged(control, read)));
    this.#data = new DataFilesView(() => this.#showPending());
    this.#startButtons();
    startSaving(supervisor, log, (files) => this.#load(files));
    supervisor.on("device", (facts) => this.#opened(facts));
    supervisor.on("state", () => this.#showState());
    supervisor.on("facts", (facts) => this.#showFacts(facts));
    supervisor.on("event", ({ event, bytes }) => this.#hear(event, bytes));
    supervisor.on("rewound", ({ step }) => this.#rewind(step));
    supervisor.on("progress", (words) => {
      byId("progress-words").textContent = words;
    });
  }

  /** A worker is ready. It brings the library's defaults and data sets. */
  #opened({ defaults, dataSets }) {
    this.#compiles = this.#supervisor.device?.backend === "webgpu";
    if (offerDataSets(dataSets)) this.#data.show();
    if (!this.#supervisor.run) showDefaults(defaults);
  }

  #startButtons() {
    const onClick = (id, action) => byId(id).addEventListener("click", () => attempt(action));
    onClick("train", () => this.#begin(() => this.#supervisor.go()));
    onClick("step", () => this.#begin(() => this.#supervisor.step()));
    onClick("pause", () => this.#supervisor.pause());
    onClick("reset", () => this.#reset());
    onClick("apply", async () => {
      const wasTraining = this.#supervisor.state === "training";
      await this.#make();
      if (wasTraining) await this.#supervisor.go();
    });
  }

  /** Makes the run if there is none yet. */
  async #begin(action) {
    if (!this.#supervisor.run) await this.#make();
    await action();
  }

  /** Makes a run from the controls. If that fails, the previous run and its figures stay. */
  async #make() {
    const isFirst = !this.#supervisor.run;
    const data = this.#data.checked();
    const settings = collect(this.#data.folder);
    await this.#supervisor.create(new Map([...settings, ...this.#pace.begin()]), data);
    this.#data.used();
    this.#clear();
    const notes = notesInWords(this.#supervisor.facts);
    if (notes !== "" || !isFirst) notice(notes);
    if (!isFirst) this.#showExample();
  }

  async #reset() {
    await this.#supervisor.discard();
    this.#clear();
    notice("");
    this.#showExample();
  }

  async #load(files) {
    const checkpoint = await checkpointOf(this.#supervisor, files);
    const config = configurationIn(checkpoint.header);
    const data = this.#data.checked(config.data.split(":")[0]);
    const steps = Math.max(config.steps, Number(byId("steps").value) || 0);
    const settings = new Map([["steps", String(steps)], ...this.#pace.begin()]);
    await this.#supervisor.resume(checkpoint, settings, data);
    this.#data.used();
    this.#clear();
    const { facts } = this.#supervisor;
    for (const [key, value] of Object.entries(facts.settings)) this.#supervisor.run.settings.set(key, String(value));
    showSettings({ ...facts.settings, steps: facts.steps });
    this.#data.show();
    this.#showPending();
    await this.#showLoaded(facts);
    const step = facts.step.toLocaleString("en");
    notice(`${notesInWords(facts)} The run is at step ${step}. Press Continue to train it further.`.trim());
  }

  /** Shows the pictures of a loaded run on the grid. */
  async #showLoaded(facts) {
    const input = { source: "run", columns: COLUMNS, truncation: 1, seed: 0 };
    const pixels = await this.#supervisor.request("rows", input);
    if (this.#log.events.length > 0) return;
    showRows(facts, pixels, namingOfRun(facts));
    byId("save-grid").disabled = false;
  }

  async #settingChanged({ key, live }, read) {
    const value = read();
    const { run } = this.#supervisor;
    if (!run) return;
    if (!live) return this.#showPending();
    const before = run.settings.get(key);
    if (before === value) return;
    run.settings.set(key, value);
    try {
      await this.#supervisor.change(new Map([[key, value]]));
    } catch (error) {
      run.settings.set(key, before);
      showSettings({ [key]: before });
      throw error;
    }
  }

  #showPending() {
    const { run } = this.#supervisor;
    const waiting = run ? [...awaitingReset(run.settings), ...(this.#data.isOther ? ["Files"] : [])] : [];
    byId("pending").hidden = waiting.length === 0;
    const names = waiting.join(", ");
    byId("pending-words").textContent = `${names}: takes effect after a reset, which starts again at step 0.`;
  }

  #showState() {
    const { state, run } = this.#supervisor;
    byId("status").textContent = state;
    byId("train").textContent = run && run.step > 0 ? "Continue" : "Train";
    byId("train").disabled = !["idle", "paused"].includes(state);
    byId("step").disabled = !["idle", "paused"].includes(state);
    byId("pause").disabled = state !== "training";
    byId("reset").disabled = !run || state === "loading";
    for (const id of ["save-run", "save-bundle"]) byId(id).disabled = !run || state === "loading";
    byId("progress-words").textContent = {
      idle: "Press Train to start.",
      loading: "One moment, please.",
      training: run && (this.#compiles ? COMPILING : this.#dataInWords()),
      paused: "Press Continue, or take single steps.",
      finished: "Raise Steps to continue.",
    }[state];
    if (state !== "training") this.#figures.clearRate();
    this.#showPending();
  }

  #showFacts(facts) {
    this.#figures.showStep(this.#supervisor.run?.step ?? 0, facts?.steps ?? null);
  }

  #dataInWords() {
    const { train_images, labelled_images } = this.#supervisor.facts;
    return `${counted(train_images, "picture")}, ${labelled_images.toLocaleString("en")} with a manual label.`;
  }

  #hear(event, bytes) {
    const { facts, run } = this.#supervisor;
    this.#log.add(event);
    this.#figures.showStep(run.step, facts.steps);
    if (this.#compiles && run.step > facts.step) {
      this.#compiles = false;
      this.#showState();
    }
    if (event.event === "samples") {
      showSamples(event, bytes, namingOfRows(event, facts), (label) => this.#mostly(label));
      byId("save-grid").disabled = false;
    } else if (event.event === "evaluated") {
      this.#evaluated = event;
      showConfusion(event, namingOfRun(facts));
      this.#figures.showCurve(event.accuracy_coverage);
    } else if (event.event === "step") {
      this.#figures.drawCharts();
    } else if (event.event === "warning") {
      showWarning(event);
    }
    if (this.#supervisor.state === "training" && ["step", "turn"].includes(event.event)) this.#keepPace(run);
  }

  #keepPace(run) {
    this.#speed.mark(run.step);
    this.#figures.showRate(Number(run.settings.get("batch")) || 0);
    const adjusted = this.#pace.adjusted(this.#supervisor.facts.steps - run.step);
    if (adjusted) this.#supervisor.change(adjusted).catch(() => {});
  }

  /** The name of a row that no class owns. */
  #mostly(label) {
    const { class_names } = this.#supervisor.facts;
    const found = majority(this.#evaluated?.confusion_counts, label);
    return found === null ? "" : `mostly ${className(class_names[found])}`;
  }

  #rewind(step) {
    this.#log.rewind(step);
    this.#figures.drawCharts();
  }

  #clear() {
    this.#evaluated = null;
    this.#rewind(-1);
    this.#figures.showCurve(null);
    clearConfusion();
    byId("warning-list").replaceChildren();
    byId("warnings").hidden = true;
    this.#showFacts(this.#supervisor.facts);
  }
}

/** How the data were read: each note as a sentence. @param {{notes: string[]}} facts */
function notesInWords({ notes }) {
  return notes.map((note) => `${note[0].toUpperCase()}${note.slice(1)}${/[.!?]$/.test(note) ? "" : "."}`).join(" ");
}

/** The naming of a grid's rows: the event says which labels these are, if they are a choice. */
function namingOfRows({ labels }, facts) {
  const naming = namingOfRun(facts);
  return labels?.length > 0 ? { ...naming, shown: labels } : naming;
}

function showWarning({ step, seen, meaning, advice }) {
  const item = document.createElement("li");
  const head = document.createElement("b");
  head.textContent = `Step ${step.toLocaleString("en")}: ${seen}. `;
  item.append(head, forPage(`${meaning} ${advice}`));
  byId("warning-list").append(item);
  byId("warnings").hidden = false;
}
