// The worker: it has the wasm module and its device, so that the page never waits for either.
//
// It answers the requests of protocol.js. It reports an error outside a request to the page as `dead`, not to the
// console: the page then starts another worker and continues from its newest checkpoint.

import init, * as slgan from "./slgan.js";
import { wordsOf } from "./protocol.js";
import { guardDevices } from "./worker/device.js";
import { ModelDesk } from "./worker/models.js";
import { RunDesk } from "./worker/run.js";
import { slicesOf } from "./worker/slices.js";

/** Sends a message to the page. @param {import("./protocol.js").Tell} message */
const tell = (message) => self.postMessage(message, buffersOf(message));

const OUT_OF_MEMORY =
  /out of (\w+ )?memory|not enough memory|memory allocation|allocation failed|memory\.grow|(could not|can't|cannot) allocate/i;

/** @param {string} message @param {import("./protocol.js").DeathKind} kind */
function die(message, kind = "crash") {
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
const deviceLost = guardDevices(die);

/** The module calls this when its memory is used up, because the trap that follows has no message. */
self.slganOutOfMemory = () => die("The module's memory is used up.", "memory");

const run = new RunDesk(slgan, tell, deviceLost);
const models = new ModelDesk(slgan, run);

const ready = init({ module_or_path: new URL("slgan_bg.wasm", import.meta.url) });
ready.catch(() => {}); // `open` reports it.

async function open({ device }) {
  await ready;
  slgan.on_panic((message) => die(message));
  return {
    device: JSON.parse(await slgan.open(device)),
    defaults: JSON.parse(slgan.defaults()),
    dataSets: JSON.parse(slgan.data_sets()),
  };
}

const unpack = ({ file }) => slgan.untar_run(slicesOf(file), file.size);

const OPERATIONS = { open, unpack, ...run.operations(), ...models.operations() };

self.addEventListener("message", async ({ data: { id, op, input } }) => {
  try {
    const value = await OPERATIONS[op](input);
    self.postMessage({ id, value }, buffersOf(value));
  } catch (thrown) {
    // A trap leaves the module in an unknown state.
    if (thrown instanceof WebAssembly.RuntimeError) die(thrown.message);
    self.postMessage({ id, error: wordsOf(thrown) });
  }
});

/** The buffers of byte arrays in an answer, to be transferred instead of copied. @returns {ArrayBuffer[]} */
function buffersOf(value) {
  const parts = ArrayBuffer.isView(value) ? [value] : Object.values(value ?? {});
  return parts.filter((part) => ArrayBuffer.isView(part)).map((part) => part.buffer);
}
