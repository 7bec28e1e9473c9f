// Saving runs and models, and loading runs.

import { MOST_BYTES, bytesOf, download } from "../files.js";
import { attempt } from "../notices.js";
import { pngOf } from "../pixels.js";

const byId = (id) => document.getElementById(id);
const onClick = (id, action) => byId(id).addEventListener("click", () => attempt(action));

/**
 * @param {import("../supervisor.js").Supervisor} supervisor @param {import("../run-log.js").RunLog} log
 * @param {(files: File[]) => Promise<void>} onLoad
 */
export function startSaving(supervisor, log, onLoad) {
  const runName = () => supervisor.facts.data.replace(/[^\w.-]+/g, "-");
  onClick("save-run", async () => {
    const { header, tensors, step } = await supervisor.checkpoint();
    const bytes = await supervisor.request("archive", { header, tensors, events: log.linesUntil(step) });
    download(new Blob([bytes], { type: "application/x-tar" }), fileName(runName(), step, "tar"));
  });
  onClick("save-bundle", async () => {
    // The bundle comes from the last saved state.
    const { step } = await supervisor.checkpoint();
    const bytes = await supervisor.request("bundle");
    download(new Blob([bytes], { type: "application/octet-stream" }), fileName(runName(), step, "slgan"));
  });
  onClick("save-grid", async () => {
    const { step, source } = byId("grid").dataset;
    download(await pngOf(byId("grid")), fileName(source === "run" ? "grid" : "example", step, "png"));
  });
  byId("load-run").addEventListener("change", ({ target }) => {
    const files = [...target.files];
    target.value = "";
    if (files.length > 0) attempt(() => onLoad(files));
  });
}

const fileName = (what, step, kind) => `slgan-${what}-step-${String(step).padStart(8, "0")}.${kind}`;

/** The header of a checkpoint is a page of text, and the names of its classes. */
const MOST_HEADER_BYTES = 16 * 1024 ** 2;

/** The configuration in a checkpoint's header. @param {Uint8Array} header */
export function configurationIn(header) {
  try {
    const { config } = JSON.parse(new TextDecoder().decode(header));
    if (typeof config.data === "string") return config;
  } catch {
    // Reported below.
  }
  throw new Error("The run cannot be loaded: its state.json is not the header of a checkpoint.");
}

/**
 * The two files of a checkpoint, from a run's .tar or as separate files.
 * @param {import("../supervisor.js").Supervisor} supervisor @param {File[]} files
 * @returns {Promise<import("../protocol.js").CheckpointFiles>}
 */
export async function checkpointOf(supervisor, files) {
  const archive = files.find(({ name }) => name.endsWith(".tar"));
  if (archive) return supervisor.request("unpack", { file: archive });
  const header = files.find(({ name }) => name.endsWith(".json"));
  const tensors = files.find(({ name }) => name.endsWith(".safetensors"));
  if (!header || !tensors) {
    const found = files.map(({ name }) => name).join(", ");
    throw new Error(`Choose a .tar file of a run, or its state.json and state.safetensors together. Found: ${found}.`);
  }
  return { header: await bytesOf(header, MOST_HEADER_BYTES), tensors: await bytesOf(tensors, MOST_BYTES) };
}
