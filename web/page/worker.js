// The worker: it has the wasm module and its device, so that the page never waits for either.
//
// It answers the requests of protocol.js. If it dies, the page starts another worker and continues from its newest
// checkpoint.

import init, * as slgan from "./slgan.js";
import { answer, deviceLost, die, tell } from "./worker/messages.js";
import { ModelDesk } from "./worker/models.js";
import { RunDesk } from "./worker/run.js";
import { slicesOf } from "./worker/slices.js";

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

answer({ open, unpack, ...run.operations(), ...models.operations() });
