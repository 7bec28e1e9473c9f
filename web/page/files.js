// Files that a visitor drops or chooses, with their folders.

import { plain } from "./plain.js";

/** @typedef {import("./protocol.js").Picked} Picked */

/** A single file with such a name may hold pictures. Its content decides, once the module reads it. */
const PICTURES = /\.(png|jpe?g|jpe|jfif|gif|webp|bmp|tiff?|avif|heic|heif|zip)$/i;

/** @param {FileList} list of an input @returns {Picked} */
export function fromInput(list) {
  return { files: [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file })), folders: [] };
}

/** All files and folders of a drop, with what is in them. @param {DataTransfer} transfer @returns {Promise<Picked>} */
export async function fromDrop(transfer) {
  // Take everything at once: the list is empty after the event.
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const taken = items.map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry() }));
  const picked = { files: [], folders: [] };
  await Promise.all(
    taken.map(({ file, entry }) =>
      entry?.isDirectory ? walk(entry, "", picked) : picked.files.push({ path: file.name, file }),
    ),
  );
  return picked;
}

/** @param {Picked} picked takes what is found */
async function walk(entry, folder, picked) {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject)).catch(() => {
      throw new Error(`${path}: the browser could not read it.`);
    });
    picked.files.push({ path, file });
    return;
  }
  picked.folders.push(path);
  const children = await childrenOf(entry, path);
  await Promise.all(children.map((child) => walk(child, `${path}/`, picked)));
}

/** A reader returns entries in parts, until there are none. */
async function childrenOf(directory, path) {
  const reader = directory.createReader();
  const children = [];
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => {
      throw new Error(`${path}: the browser could not read this folder.`);
    });
    if (part.length === 0) return children;
    children.push(...part);
  }
}

/**
 * The data set that has files with these names, or null. If several sets have, the chosen one wins. Any other folder is
 * one of pictures.
 * @param {Picked} picked @param {string} chosen @param {import("./protocol.js").DataSet[]} sets
 */
export function guessDataSet({ files: picked, folders }, chosen, sets) {
  const names = picked.map(({ path }) => path.split("/").at(-1));
  const fitting = sets.filter(({ files }) => names.some((name) => files.some((start) => name.startsWith(start))));
  if (fitting.length > 0) return (fitting.find(({ name }) => name === chosen) ?? fitting[0]).name;
  if (folders.length === 0 && !picked.some(({ path }) => path.includes("/") || PICTURES.test(path))) return null;
  return sets.find(({ kind }) => kind === "pictures")?.name ?? null;
}

/**
 * A name for the files: that of the one folder that contains everything, or of the only file.
 * @param {Picked} picked
 */
export function nameOf({ files }) {
  const first = files[0]?.path ?? "";
  const [top] = first.split("/");
  const isCommon = files.length === 1 || (first.includes("/") && files.every(({ path }) => path.startsWith(`${top}/`)));
  return isCommon ? plain(top) : "";
}

/**
 * Lets visitors drop files on an element.
 * @param {HTMLElement} target @param {(transfer: DataTransfer) => void} onDrop
 */
export function acceptDrops(target, onDrop) {
  const over = (is) => (event) => {
    event.preventDefault();
    event.stopPropagation();
    target.classList.toggle("over", is);
  };
  target.addEventListener("dragover", over(true));
  target.addEventListener("dragleave", over(false));
  target.addEventListener("drop", (event) => {
    over(false)(event);
    onDrop(event.dataTransfer);
  });
}

/** A file that misses its target must not replace the page. */
export function refuseStrayDrops() {
  for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());
}

/** Larger bundles and checkpoints would not fit into the module's memory, together with what is made of them. */
export const MOST_BYTES = 1024 ** 3;

/** The bytes of a file that has to fit into memory. @param {File} file @param {number} [most] */
export async function bytesOf(file, most = MOST_BYTES) {
  if (file.size > most) throw tooLarge(file.name, most);
  return new Uint8Array(await file.arrayBuffer());
}

/** The bytes of an answer, which may be longer than its server says. @param {Response} response @param {string} name */
export async function bytesOfAnswer(response, name, most = MOST_BYTES) {
  const parts = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    length += value.length;
    if (length <= most) continue;
    reader.cancel().catch(() => {});
    throw tooLarge(name, most);
  }
}

function tooLarge(name, most) {
  const limit = `${(most / 1024 ** 2).toLocaleString("en")} MiB`;
  return new Error(`${name}: it has more than ${limit}, which is more than such a file can have here.`);
}

/** Offers bytes as a file to save. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
