// A visitor's files for the module, and its pictures in formats that only the browser decodes.

import { slicesOf } from "./slices.js";

/** The largest side of a converted picture: twice the largest side for training. */
const LARGEST_SIDE = 192;

/** Pictures between two progress messages. */
const PER_PROGRESS = 50;

/** Reads of files between two progress messages. The page takes a longer silence for a worker that hangs. */
const READS_PER_PROGRESS = 500;

/**
 * A picture as PNG, or nothing if this browser cannot decode it. The module has checked its size.
 * @param {Uint8Array} bytes @returns {Promise<Uint8Array | undefined>}
 */
export async function asPng(bytes) {
  const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => null);
  if (!bitmap) return undefined;
  const square = squareOf(bitmap);
  bitmap.close();
  const png = await square.convertToBlob({ type: "image/png" });
  return new Uint8Array(await png.arrayBuffer());
}

/** The middle of a picture, as the library crops it, no larger than `LARGEST_SIDE`. @param {ImageBitmap} bitmap */
function squareOf(bitmap) {
  const side = Math.min(bitmap.width, bitmap.height);
  const target = Math.min(side, LARGEST_SIDE);
  const canvas = new OffscreenCanvas(target, target);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  const [left, top] = [(bitmap.width - side) >> 1, (bitmap.height - side) >> 1];
  context.drawImage(bitmap, left, top, side, side, 0, 0, target, target);
  return canvas;
}

/**
 * The chosen files as the module reads them. The module decides what is a picture, and which of them are for the
 * browser to decode.
 * @param {any} slgan the module @param {import("../protocol.js").DataFiles} data
 * @param {(words: string) => void} progress
 */
export async function openFiles(slgan, { set, files: picked, folders }, progress) {
  const files = new slgan.Files();
  try {
    let reads = 0;
    const counted = (read) => (start, end) => {
      if (reads++ % READS_PER_PROGRESS === 0) progress("Reading the files.");
      return read(start, end);
    };
    for (const { path, file } of picked) files.add(path, counted(slicesOf(file)), file.size);
    for (const path of folders) files.add_folder(path);
    await convert(files, files.open(set), progress);
    progress("Preparing the data.");
    return files;
  } catch (error) {
    files.free();
    throw error;
  }
}

/** Has the browser decode pictures, one after the other. */
async function convert(files, names, progress) {
  for (const [index, name] of names.entries()) {
    if (index % PER_PROGRESS === 0) progress(`Decoding picture ${index + 1} of ${names.length}.`);
    const bytes = files.foreign_picture(name);
    if (bytes) files.prepare(name, await asPng(bytes));
  }
}
