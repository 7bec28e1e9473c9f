// The parameters of the page's own address. Anyone may write a link to the page, so a parameter has one of the values
// that its control offers, or none.

import { shortened } from "./plain.js";

const query = new URLSearchParams(location.search);

/** @type {string[]} */
let refused = [];

/** The value of a parameter, or null. @param {string} name */
export const given = (name) => query.get(name);

/**
 * The value of a parameter if it is allowed, else the first allowed one.
 * @param {string} name @param {string[]} allowed
 */
export function givenOf(name, allowed) {
  const value = given(name);
  if (value === null || allowed.includes(value)) return value ?? allowed[0];
  refuse(name);
  return allowed[0];
}

/** The page does not use this parameter, because of its value. @param {string} name */
export function refuse(name) {
  refused.push(`${name}=${shortened(given(name) ?? "", 30)}`);
}

/** Which parameters the page does not use; empty if there are none, and when it is asked again. */
export function refusedInWords() {
  if (refused.length === 0) return "";
  const words = `This page's address has values that are not allowed, so it does not use them: ${refused.join(", ")}.`;
  refused = [];
  return words;
}
