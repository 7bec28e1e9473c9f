// The run that this worker trains.

import { wordsOf } from "../protocol.js";
import { openFiles } from "./pictures.js";

/** After training fails, how long to wait for the news that the device was lost. */
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

  /** The run. Throws an error if there is none. */
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
    const progress = (words) => this.#tell({ tell: "progress", words });
    // `make` takes the files over.
    this.#run = make(data && (await openFiles(this.#slgan, data, progress)));
    return this.#facts();
  }

  #facts() {
    return JSON.parse(this.current.facts());
  }

  async #train({ paused }) {
    const run = this.current;
    // Paused before the first step: the step button then requests single steps.
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
    // The next run may have other sizes, for which this run's buffers are useless.
    this.#slgan.release_memory();
  }
}
