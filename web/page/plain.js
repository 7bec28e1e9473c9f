// Names from files and addresses, as they may be shown.

/** Control characters, and those that change the direction of the text around them. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text in one line whose every character can be seen. @param {string} text */
export const plain = (text) => text.replace(/[\t\r\n]+/g, " ").replace(UNSEEN, "\ufffd");

/** The same, shortened to fit into a line. @param {string} text */
export function shortened(text, most = 60) {
  const letters = [...plain(text)];
  return letters.length > most ? `${letters.slice(0, most).join("")}…` : letters.join("");
}
