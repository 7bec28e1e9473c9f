// The model for Explore and Label, which share it: the served example, a loaded bundle, or the run as it is now.

import { bytesOf, bytesOfAnswer } from "../files.js";
import { attempt, notice } from "../notices.js";

const byId = (id) => document.getElementById(id);
const selects = [...document.querySelectorAll("select.source")];

/** Emits `change` after a new choice, or for a new model under the same choice. */
export class Sources extends EventTarget {
  #supervisor;

  /** @param {import("../supervisor.js").Supervisor} supervisor */
  constructor(supervisor) {
    super();
    this.#supervisor = supervisor;
    for (const select of selects) select.addEventListener("change", () => this.choose(select.value));
    supervisor.on("facts", () => this.#offerRun());
    byId("load-bundle").addEventListener("change", ({ target }) => {
      const [file] = target.files;
      target.value = "";
      if (file) attempt(async () => this.#load(await bytesOf(file), file.name));
    });
    byId("load-url").addEventListener("click", () => attempt(() => this.#fetch(byId("bundle-url").value.trim())));
  }

  /** @returns {import("../protocol.js").Source} */
  get current() {
    return byId("model-source").value;
  }

  /** @param {import("../protocol.js").Source} source */
  choose(source) {
    for (const select of selects) {
      select.querySelector(`[value=${source}]`).disabled = false;
      select.value = source;
    }
    this.dispatchEvent(new Event("change"));
  }

  async #load(bytes, name) {
    try {
      await this.#supervisor.loadBundle(bytes);
    } catch (error) {
      throw new Error(`${name}: ${error.message}`);
    }
    notice(`${name} is loaded.`);
    this.choose("loaded");
  }

  async #fetch(address) {
    const url = parsed(address);
    const response = await fetch(url).catch(() => null);
    if (!response) throw new Error(`${url.href}: the server does not answer, or does not let other pages read it.`);
    if (!response.ok) throw new Error(`${url.href}: the server answered ${response.status} ${response.statusText}.`);
    const name = url.pathname.split("/").at(-1) || url.href;
    await this.#load(await bytesOfAnswer(response, name), name);
  }

  /** A run can be chosen as long as it exists. */
  #offerRun() {
    const isThere = this.#supervisor.run !== null;
    for (const select of selects) select.querySelector("[value=run]").disabled = !isThere;
    if (!isThere && this.current === "run") this.choose("served");
  }
}

/** The page's policy allows only https and its own server; other addresses would fail with a less clear message. */
function parsed(address) {
  if (!address) throw new Error("Type the bundle's address first.");
  const expected = new Error(`${address}: expected an https:// address, or one on this server.`);
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    throw expected;
  }
  if (url.protocol !== "https:" && url.origin !== location.origin) throw expected;
  return url;
}
