// The models for Explore and Label: the served bundle, a loaded one, and the run as it is now.

import { SERVED_BUNDLE } from "../protocol.js";
import { asPng } from "./pictures.js";

/** A larger file is no picture that could be decoded. */
const MOST_BYTES = 512 * 1024 ** 2;

export class ModelDesk {
  #slgan;
  #run;
  #loaded = null;
  /** Requested before anything else, so that it is here when the module is ready. */
  #servedBytes = fetchServed();
  #served = null;

  constructor(slgan, run) {
    this.#slgan = slgan;
    this.#run = run;
    this.#servedBytes.catch(() => {});
  }

  operations() {
    const withModel = (use) => (input) => this.#with(input, use);
    return {
      load: ({ bytes }) => {
        this.#loaded = this.#slgan.Model.load(bytes);
        return JSON.parse(this.#loaded.facts());
      },
      facts: withModel((model) => JSON.parse(model.facts())),
      rows: withModel((model, { columns, truncation, seed }) => model.rows(columns, truncation, seed)),
      map: withModel((model, { first, second, truncation, seed, resolution, extent }) => {
        return model.map(first, second, truncation, seed, resolution, extent);
      }),
      at: withModel(async (model, { first, second, x, y, truncation, seed }) => ({
        pixels: await model.at(first, second, x, y, truncation, seed),
        label: model.label_at(first, second, x, y, truncation, seed),
      })),
      between: withModel((model, { from, to, columns, truncation, seed }) => {
        return model.between(from, to, columns, truncation, seed);
      }),
      label: withModel(async (model, { picture, name }) => {
        const png = await this.#asPng(picture, name);
        return { prediction: JSON.parse(await model.label(png, name)), preview: model.preview(png, name) };
      }),
    };
  }

  /** The bytes of a picture that the module can decode. @param {Blob} picture @param {string} name */
  async #asPng(picture, name) {
    if (picture.size > MOST_BYTES) throw new Error(`${name}: it is too large for a picture.`);
    const bytes = new Uint8Array(await picture.arrayBuffer());
    if (!this.#slgan.is_foreign_picture(bytes, name)) return bytes;
    const png = await asPng(bytes);
    if (!png) throw new Error(`${name}: this browser cannot decode this picture.`);
    return png;
  }

  async #with(input, use) {
    if (input.source !== "run") return use(await this.#model(input.source), input);
    // A new snapshot for each request: always the newest, and never one that another request uses.
    const model = this.#run.current.model();
    try {
      return await use(model, input);
    } finally {
      model.free();
    }
  }

  async #model(source) {
    if (source === "served") {
      this.#served ??= this.#slgan.Model.load(await this.#servedBytes);
      return this.#served;
    }
    if (!this.#loaded) throw new Error("No bundle is loaded yet.");
    return this.#loaded;
  }
}

async function fetchServed() {
  const response = await fetch(new URL(`../${SERVED_BUNDLE}`, import.meta.url));
  if (!response.ok) throw new Error(`The trained example, ${SERVED_BUNDLE}, could not be fetched.`);
  return new Uint8Array(await response.arrayBuffer());
}
