// The data sets that can be chosen. The first worker brings the library's list.
//
// Until then, the page offers only the drawn set of index.html, which needs no files. A name from the page's address
// stays visible until the list says whether there is a set with this name.

/** @typedef {import("./protocol.js").DataSet} DataSet */

const select = /** @type {HTMLSelectElement} */ (document.getElementById("data"));

/** The set that index.html offers. */
const FIRST = select.options[0].value;

/** @type {DataSet[]} */
let list = [];

let arrived;
/** Resolves to the list when it arrives. @type {Promise<DataSet[]>} */
export const dataSets = new Promise((resolve) => {
  arrived = resolve;
});

/** The name of the chosen set. */
export const dataSet = () => select.value;

/** The list's entry for a set. @param {string} name @returns {DataSet | undefined} */
export const find = (name) => list.find((set) => set.name === name);

/** What a set needs: files, where its name is not known. @param {string} [name] the chosen one, if absent */
export const kindOf = (name = dataSet()) => find(name)?.kind ?? (name === FIRST ? "drawn" : "files");

/** Chooses a set that may not be known yet: `offer` decides. @param {string} name */
export function request(name) {
  if (![...select.options].some((option) => option.value === name)) select.add(new Option(name, name));
  select.value = name;
}

const wordsFor = ({ kind, title }) => (kind === "files" ? `${title} files` : title);

/**
 * Offers the sets of the list, and keeps the choice if the list has it. Later workers bring the same list.
 * @param {DataSet[]} sets @returns {boolean} whether the list is new
 */
export function offer(sets) {
  if (list.length > 0) return false;
  const chosen = dataSet();
  list = sets;
  select.replaceChildren(...sets.map((set) => new Option(wordsFor(set), set.name)));
  select.value = find(chosen) ? chosen : FIRST;
  arrived(sets);
  return true;
}
