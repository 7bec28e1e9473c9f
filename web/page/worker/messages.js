// What all workers of the page do: they answer requests, and say what killed them.
//
// A worker reports an error outside a request to the page as `dead`, not to the console: the page then never uses it
// again.

import { wordsOf } from "../protocol.js";
import { guardDevices } from "./device.js";

/** Sends a message to the page. @param {import("../protocol.js").Tell} message */
export const tell = (message) => self.postMessage(message, buffersOf(message));

const OUT_OF_MEMORY =
  /out of (\w+ )?memory|not enough memory|memory allocation|allocation failed|memory\.grow|(could not|can't|cannot) allocate/i;

/** @param {string} message @param {import("../protocol.js").DeathKind} kind */
export function die(message, kind = "crash") {
  tell({ tell: "dead", kind: OUT_OF_MEMORY.test(message) ? "memory" : kind, message });
}

self.addEventListener("error", (event) => {
  event.preventDefault();
  die(event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  die(wordsOf(event.reason));
});

/** Whether a WebGPU device was lost. */
export const deviceLost = guardDevices(die);

/** The module calls this when its memory is used up, because the trap that follows has no message. */
self.slganOutOfMemory = () => die("The module's memory is used up.", "memory");

/** Answers requests from now on. @param {Record<string, (input: any) => any>} operations */
export function answer(operations) {
  self.addEventListener("message", async ({ data: { id, op, input } }) => {
    try {
      const value = await operations[op](input);
      self.postMessage({ id, value }, buffersOf(value));
    } catch (thrown) {
      // A trap leaves the module in an unknown state.
      if (thrown instanceof WebAssembly.RuntimeError) die(thrown.message);
      self.postMessage({ id, error: wordsOf(thrown) });
    }
  });
}

/** The buffers of byte arrays in an answer, to be transferred instead of copied. @returns {ArrayBuffer[]} */
function buffersOf(value) {
  const parts = ArrayBuffer.isView(value) ? [value] : Object.values(value ?? {});
  return parts.filter((part) => ArrayBuffer.isView(part)).map((part) => part.buffer);
}
