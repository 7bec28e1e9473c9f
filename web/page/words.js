// Sentences for people that several modules need or that depend on what happened.

import { nameOfKey } from "./settings.js";

/** @param {import("./protocol.js").DeathKind} kind @param {string} message */
export function causeOf(kind, message) {
  const detail = firstLine(message);
  switch (kind) {
    case "lost":
      return "The browser lost the GPU.";
    case "memory":
      return "There was not enough memory.";
    case "silent":
      return "The computation stopped answering.";
    default:
      return detail ? `The computation stopped (${detail}).` : "The computation stopped.";
  }
}

/** @param {import("./protocol.js").DeathKind} kind */
export function adviceFor(kind) {
  switch (kind) {
    case "lost":
      return "Close other pages that use the GPU, choose a smaller batch, or continue on the CPU.";
    case "memory":
      return "Choose a smaller batch, the tiny preset or fewer pictures, and close other tabs.";
    default:
      return "Save the run if you can, reload the page, and try a smaller batch or the CPU.";
  }
}

/**
 * Puts the page's names in place of the library's flags and configuration keys.
 * @param {string} words
 */
export function forPage(words) {
  return words
    .replace("go on from it with --resume", "Continue starts there")
    .replaceAll(/--([a-z-]+)|\b[a-z]+\.[a-z_]+\b/g, (found, flag) => {
      const name = nameOfKey(flag ?? found);
      return name ? `“${name}”` : found;
    });
}

/** The device in words. @param {import("./protocol.js").DeviceFacts} device */
export function deviceInWords({ backend, name, reason }) {
  if (backend === "webgpu") return `the GPU through WebGPU: ${name}`;
  return reason === "asked for" ? name : `${name} (${reason})`;
}

/** The notice when the CPU stands in for WebGPU. @param {import("./protocol.js").DeviceFacts} device */
export function withoutGpu({ reason }) {
  return (
    `There is no WebGPU here (${reason}), so everything runs on the CPU, which works but is slower. ` +
    "Chrome and Edge have WebGPU on Windows, macOS and Android, Safari from version 26, and Firefox on Windows and " +
    "on Macs with Apple silicon. Elsewhere you may have to switch it on in the browser's settings."
  );
}

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** A share as a percentage. @param {number | null | undefined} share */
export const percent = (share) => (share == null ? "–" : `${(100 * share).toFixed(share > 0.9995 ? 0 : 1)} %`);

function firstLine(message) {
  const line = String(message).split("\n")[0].replace(/^Uncaught /, "").replace(/[.\s]+$/, "");
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
