// The two places where the page speaks to its visitor: an alert for what went wrong, and a calm line for what goes on.

import { Interrupted } from "./link.js";
import { wordsOf } from "./protocol.js";
import { forPage } from "./words.js";

const byId = (id) => document.getElementById(id);

/** @param {unknown} error */
export function showError(error, { cpuMayHelp = false } = {}) {
  const words = forPage(wordsOf(error));
  const sentence = /[.!?]$/.test(words) ? words : `${words}.`;
  // The same error may come in two ways, of which one knows more.
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

/** @param {string} words empty to take it away */
export function notice(words) {
  byId("notice").textContent = words;
  byId("notice-box").hidden = words === "";
}

/**
 * Does what a visitor asked for, and shows what is wrong with it. The last error goes away first.
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

/** For work that nobody asked for by name. A worker that died on the way was told of already. @param {unknown} error */
export function showUnlessInterrupted(error) {
  if (!(error instanceof Interrupted)) showError(error);
}
