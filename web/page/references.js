// The reference reports that are served with the page.

import { bytesOfAnswer } from "./files.js";

const FOLDER = new URL("repro/", import.meta.url);

/** A report has less than two mebibytes, unpacked. */
export const MOST_REPORT_BYTES = 16 * 1024 ** 2;

/** @typedef {import("./protocol.js").ReportFile} ReportFile */

/** @type {Promise<ReportFile[]> | null} */
let fetched = null;

/** All of them, fetched once. @returns {Promise<ReportFile[]>} */
export function references() {
  fetched ??= fetchAll().catch((error) => {
    // The next request tries again.
    fetched = null;
    throw error;
  });
  return fetched;
}

async function fetchAll() {
  const names = await (await answerFor("reports.json")).json();
  return Promise.all(
    names.map(async (name) => ({
      name: `the reference ${name.replace(/\.json\.gz$/, "")}`,
      bytes: await bytesOfAnswer(await answerFor(name), name, MOST_REPORT_BYTES),
    })),
  );
}

async function answerFor(name) {
  const response = await fetch(new URL(name, FOLDER)).catch(() => null);
  if (!response?.ok) throw new Error(`The reference report ${name} could not be fetched.`);
  return response;
}
