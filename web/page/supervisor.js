// Keeps one run alive over any number of workers: after a death, it resumes from the newest checkpoint.
//
// It informs views by events with a `detail`: `state`, `device`, `facts`, `event`, `progress`, `rewound`,
// `recovering`, `recovered`, `failed`.

import { Host } from "./host.js";
import { Interrupted } from "./link.js";
import { RunRecord, asPairs } from "./run-record.js";
import { Silence } from "./silence.js";
import { wordsOf } from "./protocol.js";

/** The supervisor replaces a worker that does not drop its run within this time. */
const DROP_MS = 15_000;

export class Supervisor extends EventTarget {
  #host;
  /** Whether the worker's loop is running, even if it is paused. */
  #looping = false;
  /** Whether the run should train as soon as there is a worker. */
  #wantsTraining = false;
  /** Whether it should have trained when the host gave up its worker. */
  #wantedTraining = false;
  #furthest = 0;
  #bundle = null;
  #lastCause = "";
  #silence;

  /** @type {RunRecord | null} */
  run = null;
  /** @type {"idle" | "loading" | "training" | "paused" | "finished"} */
  state = "loading";
  /** @type {object | null} facts about the run */
  facts = null;
  /** @type {import("./protocol.js").DeviceFacts | null} */
  device = null;

  /** Opens the first worker. @param {"auto" | "gpu" | "cpu"} choice */
  constructor(choice) {
    super();
    this.#host = new Host(choice, {
      hear: (tell) => this.#hear(tell),
      died: (cause) => this.#died(cause),
      opened: (facts) => this.#opened(facts),
      restore: (link) => this.#restore(link),
      gaveUp: (sentence, mayBeDevice) => this.#gaveUp(sentence, mayBeDevice),
    });
    const awaited = () => {
      if (this.state === "training") return "step";
      return this.#host.link?.isWaiting ? "answer" : null;
    };
    this.#silence = new Silence(awaited, () => this.#host.fail(this.#host.link, "silent"));
  }

  /** @param {string} type @param {(detail: any) => void} listener */
  on(type, listener) {
    this.addEventListener(type, (event) => listener(/** @type {CustomEvent} */ (event).detail));
  }

  get worker() {
    return this.#host.link?.worker ?? null;
  }

  /**
   * Asks the worker as soon as it is ready. Starts a new one if the host gave up the last one.
   * @param {string} op @param {object} [input] @returns {Promise<any>}
   */
  async request(op, input) {
    const link = await this.#host.revive();
    const answer = await link.request(op, input);
    this.#silence.heard(false);
    if (this.state !== "training") this.#host.answered();
    return answer;
  }

  /** Loads a bundle, and keeps it for later workers. @param {Uint8Array} bytes */
  async loadBundle(bytes) {
    const facts = await this.request("load", { bytes });
    this.#bundle = bytes;
    return facts;
  }

  /**
   * Makes a run at step 0. If the worker refuses it, the previous run stays.
   * @param {Map<string, string>} settings @param {import("./protocol.js").DataFiles | undefined} data
   */
  create(settings, data) {
    return this.#establish("create", { settings: asPairs(settings), data }, settings);
  }

  /**
   * Makes a run from a checkpoint. If the worker refuses it, the previous run stays.
   * @param {import("./protocol.js").CheckpointFiles} checkpoint
   * @param {Map<string, string>} settings @param {import("./protocol.js").DataFiles | undefined} data
   */
  async resume({ header, tensors }, settings, data) {
    await this.#establish("resume", { header, tensors, settings: asPairs(settings), data }, settings);
    this.run.keeper.keep(this.run.step, header, tensors);
  }

  /** Starts or continues training. */
  async go() {
    const link = await this.#host.revive();
    if (this.#looping) await link.request("go");
    else this.#train(link, false);
    this.#wantsTraining = true;
    this.#become("training");
  }

  async pause() {
    // At once, so that a new worker that takes over meanwhile pauses too.
    this.#wantsTraining = false;
    const link = await this.#host.ready();
    await link.request("pause");
    // Keeps all training so far, however long the pause is.
    await link.request("save");
    this.#become("paused");
  }

  /** Trains one step of a paused run. */
  async step() {
    this.#wantsTraining = false;
    const link = await this.#host.revive();
    if (!this.#looping) this.#train(link, true);
    await link.request("step");
  }

  /** Applies new values from the next step on. @param {Map<string, string>} settings */
  async change(settings) {
    const facts = await this.request("change", { settings: asPairs(settings) });
    this.run?.changed(settings);
    this.#learn(facts);
    if (this.state === "finished" && facts.step < facts.steps) this.#become("paused");
  }

  /** Discards the run. */
  async discard() {
    if (!this.run) return;
    this.run.keeper.abandon("The run was reset before it could be saved.");
    await this.#drop();
    this.#learn(null);
    this.#become("idle");
  }

  /**
   * The run as it is now, or its newest checkpoint if the worker is gone.
   * @returns {Promise<import("./protocol.js").CheckpointFiles & {step: number}>}
   */
  async checkpoint() {
    if (!this.run) throw new Error("There is no run to save yet: train first.");
    const { keeper, step } = this.run;
    if (keeper.checkpoint && (keeper.checkpoint.step === step || !this.#looping)) return keeper.checkpoint;
    if (!this.#looping) throw new Error("There is nothing to save yet: train at least one step.");
    const [next] = await Promise.all([keeper.next(), this.request("save")]);
    return next;
  }

  /** Leaves the GPU, and continues from the newest checkpoint on the CPU. */
  async useCpu() {
    this.#looping = false;
    this.#wantsTraining ||= this.#wantedTraining;
    this.#become("loading");
    await this.#host.moveTo("cpu");
  }

  async #establish(op, input, settings) {
    const present = await this.#setAside();
    this.#become("loading");
    try {
      const link = await this.#host.revive();
      const facts = await link.request(op, input);
      this.run = new RunRecord(settings, input.data, facts.step);
      this.#furthest = facts.step;
      this.#host.progress();
      this.#learn(facts);
      this.#become(restingState(facts));
    } catch (error) {
      await this.#putBack(present);
      throw error;
    }
  }

  /** Removes the run from the worker and keeps its newest state. @returns {Promise<RunRecord | null>} */
  async #setAside() {
    const { run } = this;
    if (!run) return null;
    if (this.state === "training") await this.pause();
    await this.checkpoint().catch(() => {}); // A run without a step starts again.
    await this.#drop();
    return run;
  }

  /** Restores a run that was set aside. @param {RunRecord | null} run */
  async #putBack(run) {
    if (!run) return this.#become("idle");
    try {
      const link = await this.#host.revive();
      this.run = run;
      const facts = await this.#remake(link);
      if (facts) this.#become(restingState(facts));
    } catch {
      // Its newest state is still kept; continuing restores it.
      this.run = run;
      this.#become("paused");
    }
  }

  /** Ends the worker's run. */
  async #drop() {
    const { link } = this.#host;
    this.run = null;
    this.#wantsTraining = false;
    this.#become("loading");
    const late = setTimeout(() => this.#host.fail(link, "silent"), DROP_MS);
    await link?.request("drop").catch(() => {});
    clearTimeout(late);
    this.#looping = false;
  }

  async #train(link, paused) {
    this.#looping = true;
    try {
      const outcome = await link.request("train", { paused });
      if (link !== this.#host.link || !this.run) return;
      this.#looping = false;
      this.#wantsTraining = false;
      this.#become(outcome === "finished" ? "finished" : "paused");
    } catch (error) {
      if (error instanceof Interrupted || link !== this.#host.link) return;
      // The run itself has failed, as it would on any device. It can continue from the newest checkpoint.
      this.#host.giveUp(wordsOf(error), false);
    }
  }

  #hear(tell) {
    this.#silence.heard(tell.event?.event === "step");
    if (tell.tell === "progress") return this.#emit("progress", tell.words);
    const { event, bytes, more } = tell;
    if (!this.run) return;
    const { keeper } = this.run;
    this.run.step = event.step ?? this.run.step;
    if (this.run.step > this.#furthest) {
      this.#furthest = this.run.step;
      this.#host.progress();
    }
    if (event.event === "started") this.#ask();
    if (event.event === "checkpoint") keeper.keep(event.step, bytes, more);
    if (this.#isToBeSaved(event)) this.request("save").catch(() => {});
    this.#emit("event", { event, bytes });
  }

  /** Now and then during training, and after every single step, because the next one may come much later. */
  #isToBeSaved({ event }) {
    if (this.state === "training") return event === "turn" && this.run.keeper.isDue();
    return event === "step" && this.state === "paused";
  }

  /** With new values, a run starts again internally; only then are its facts the new ones. */
  async #ask() {
    const { run } = this;
    const facts = await this.request("about").catch(() => null);
    if (facts && run === this.run) this.#learn(facts);
  }

  #opened({ device, defaults, dataSets }) {
    this.device = device;
    this.#emit("device", { device, defaults, dataSets });
    if (!this.run) this.#become("idle");
  }

  #died(cause) {
    this.#looping = false;
    this.#lastCause = cause;
    if (this.run) this.#become("loading");
    this.#emit("recovering", { cause });
  }

  async #restore(link) {
    if (this.#bundle) await link.request("load", { bytes: this.#bundle });
    const facts = this.run && (await this.#remake(link));
    if (facts) {
      if (this.#wantsTraining) this.#train(link, false);
      this.#become(this.#wantsTraining ? "training" : restingState(facts));
    }
    this.#emit("recovered", { cause: this.#lastCause, step: facts?.step ?? null });
  }

  /** Restores the run in a worker that has none. @returns {Promise<object | null>} its facts, unless it was reset */
  async #remake(link) {
    const { run } = this;
    const facts = await run.remake(link);
    if (run !== this.run) return null;
    this.#emit("rewound", { step: run.keeper.checkpoint ? facts.step : -1 });
    this.#learn(facts);
    return facts;
  }

  #gaveUp(sentence, mayBeDevice) {
    this.#looping = false;
    // A new worker for another purpose, such as saving, must not train and so fail again.
    this.#wantedTraining = this.#wantsTraining;
    this.#wantsTraining = false;
    this.#lastCause = sentence;
    this.#become(this.run ? "paused" : "idle");
    this.#emit("failed", { sentence, cpuMayHelp: mayBeDevice && this.device?.backend !== "cpu" });
  }

  #learn(facts) {
    this.facts = facts;
    this.#emit("facts", facts);
  }

  #become(state) {
    this.state = state;
    this.#emit("state", state);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const restingState = ({ step, steps }) => (step >= steps ? "finished" : "paused");
