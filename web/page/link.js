// The page's end of one worker: requests with their answers, until the worker dies.
//
// It knows nothing about runs. Requests to a dead worker fail at once, so that nobody waits for answers.

/** A request that a dying worker left without an answer. */
export class Interrupted extends Error {}

export class Link {
  /** @type {Map<number, {op: string, resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #pending = new Map();
  #nextId = 1;
  #ended = false;

  /**
   * @param {(tell: import("./protocol.js").Tell) => void} onTell
   * @param {(kind: import("./protocol.js").DeathKind, message: string) => void} onDeath
   * @param {string} [script] of the worker
   */
  constructor(onTell, onDeath, script = "worker.js") {
    this.worker = new Worker(new URL(script, import.meta.url), { type: "module", name: "slgan" });
    this.worker.addEventListener("message", ({ data }) => {
      if (this.#ended) return;
      if (data.tell === "dead") onDeath(data.kind, data.message);
      else if (data.tell) onTell(data);
      else this.#settle(data);
    });
    const fail = (event) => {
      event.preventDefault();
      onDeath("crash", event.message ?? "its script could not be loaded");
    };
    this.worker.addEventListener("error", fail);
    this.worker.addEventListener("messageerror", fail);
  }

  /** @param {string} op @param {object} [input] @returns {Promise<any>} */
  request(op, input = {}) {
    if (this.#ended) return Promise.reject(new Interrupted("The worker has ended."));
    const id = this.#nextId++;
    this.worker.postMessage({ id, op, input });
    return new Promise((resolve, reject) => this.#pending.set(id, { op, resolve, reject }));
  }

  /** Whether the worker owes an answer that should not take long. Training may take any time. */
  get isWaiting() {
    return [...this.#pending.values()].some(({ op }) => op !== "train");
  }

  /** Ends the worker and rejects all unanswered requests. @param {string} sentence */
  end(sentence) {
    this.#ended = true;
    this.worker.terminate();
    for (const { reject } of this.#pending.values()) reject(new Interrupted(sentence));
    this.#pending.clear();
  }

  #settle({ id, value, error }) {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }
}
