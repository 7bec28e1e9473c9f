// The one run that this worker trains.

import { wordsOf } from "../protocol.js";
import { addFiles } from "./pictures.js";

/** How long to wait for the news that the device was lost, once training failed for what may be that very reason. */
const NEWS_OF_LOSS_MS = 500;

export class RunDesk {
  #slgan;
  #tell;
  #deviceLost;
  #run = null;
  /** Settles when the training of `#run` has ended. */
  #training = Promise.resolve();

  constructor(slgan, tell, deviceLost) {
    this.#slgan = slgan;
    this.#tell = tell;
    this.#deviceLost = deviceLost;
  }

  /** The run, or an error that says that there is none. */
  get current() {
    if (!this.#run) throw new Error("There is no run yet: train first.");
    return this.#run;
  }

  operations() {
    return {
      create: (input) => this.#replace(input, (files) => new this.#slgan.Run(input.settings, files)),
      resume: (input) => {
        const { header, tensors, settings } = input;
        return this.#replace(input, (files) => this.#slgan.Run.resume(header, tensors, settings, files));
      },
      train: (input) => this.#train(input),
      pause: () => this.current.pause(),
      go: () => this.current.go(),
      step: () => this.current.step(),
      save: () => this.current.save(),
      change: ({ settings }) => {
        this.current.change(settings);
        return this.#facts();
      },
      about: () => this.#facts(),
      drop: () => this.#drop(),
      archive: ({ header, tensors, events }) => this.current.archive(header, tensors, events),
      bundle: () => this.current.bundle(),
    };
  }

  async #replace({ data }, make) {
    await this.#drop();
    let files;
    if (data) {
      files = new this.#slgan.Files();
      await addFiles(data, files, (words) => this.#tell({ tell: "progress", words }));
    }
    this.#run = make(files);
    return this.#facts();
  }

  #facts() {
    return JSON.parse(this.current.facts());
  }

  async #train({ paused }) {
    const run = this.current;
    // Paused before the first turn: the step button then asks for single steps.
    if (paused) run.pause();
    else run.go();
    const outcome = run.train((json, bytes, more) => {
      this.#tell({ tell: "event", event: JSON.parse(json), bytes, more });
    });
    this.#training = outcome.catch(() => {});
    try {
      return await outcome;
    } catch (thrown) {
      await new Promise((resolve) => setTimeout(resolve, NEWS_OF_LOSS_MS));
      throw new Error(this.#deviceLost() ? "The device was lost." : wordsOf(thrown));
    }
  }

  async #drop() {
    const run = this.#run;
    if (!run) return;
    this.#run = null;
    run.stop();
    await this.#training;
    run.free();
  }
}
