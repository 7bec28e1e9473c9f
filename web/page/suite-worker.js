// The worker of the view Compare: it has the second wasm module, which runs the reproducibility suite and compares
// reports. It keeps nothing between requests.

import init, * as slgan from "./repro/slgan.js";
import { answer, die, tell } from "./worker/messages.js";

const ready = init({ module_or_path: new URL("repro/slgan_bg.wasm", import.meta.url) }).then(() => {
  slgan.on_panic((message) => die(message));
});
ready.catch(() => {}); // The first request reports it.

async function run({ device, suite }) {
  await ready;
  tell({ tell: "device", device: JSON.parse(await slgan.open(device)) });
  return slgan.run_suite(suite, (json) => tell({ tell: "suite", progress: JSON.parse(json) }));
}

async function read({ name, bytes }) {
  await ready;
  return JSON.parse(slgan.read_report(name, bytes));
}

async function compare({ reference, other }) {
  await ready;
  return JSON.parse(slgan.compare_reports(reference.name, reference.bytes, other.name, other.bytes));
}

answer({ run, read, compare });
