// The page's messages to its visitor: an alert for errors, and a calm line for notices.

import { Interrupted } from "./link.js";
import { plain } from "./plain.js";
import { wordsOf } from "./protocol.js";
import { forPage } from "./words.js";

const byId = (id) => document.getElementById(id);

/** @param {unknown} error */
export function showError(error, { cpuMayHelp = false } = {}) {
  const words = plain(forPage(wordsOf(error)));
  const sentence = /[.!?]$/.test(words) ? words : `${words}.`;
  // The same error may arrive in two ways; the first call may know that the CPU helps.
  if (byId("error").textContent === sentence) return;
  byId("error").textContent = sentence;
  byId("error").hidden = false;
  byId("use-cpu").hidden = !cpuMayHelp;
  byId("alert").hidden = false;
}

export function clearError() {
  byId("error").textContent = "";
  byId("error").hidden = true;
  byId("alert").hidden = true;
}

/** @param {string} words empty to remove the notice */
export function notice(words) {
  byId("notice").textContent = plain(words);
  byId("notice-box").hidden = words === "";
}

/**
 * Runs a visitor's action and shows its error. First removes the last error.
 * @param {() => any} action
 */
export async function attempt(action) {
  clearError();
  try {
    await action();
  } catch (error) {
    showError(error);
  }
}

/** For background work. The page has already reported a worker that died. @param {unknown} error */
export function showUnlessInterrupted(error) {
  if (!(error instanceof Interrupted)) showError(error);
}
