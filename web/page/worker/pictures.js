// Converts pictures of any format that the browser decodes to PNG, because the wasm module decodes only PNG.

const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47];

/** The largest side of a converted picture: twice the largest side for training. */
const LARGEST_SIDE = 192;

/** Pictures between two progress messages. */
const PER_PROGRESS = 50;

/** A picture that this browser cannot decode. */
class Undecodable extends Error {}

/**
 * The bytes of a picture as PNG. PNG files stay unchanged, so that they give the same pixels as natively.
 * @param {Blob} blob @param {string} name for the error's sentence
 */
export async function asPng(blob, name) {
  const magic = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  if (PNG_MAGIC.every((byte, index) => magic[index] === byte)) {
    return new Uint8Array(await blob.arrayBuffer());
  }
  const bitmap = await createImageBitmap(blob).catch(() => {
    throw new Undecodable(`${name}: this browser cannot decode this picture.`);
  });
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
 * Puts chosen files into the module's memory, pictures as PNG. The path of a picture keeps its folders and ends in
 * `.png`; `a.jpg` becomes `a.jpg.png`, so that it cannot collide with an `a.png`. Leaves out pictures that the browser
 * cannot decode, unless none would remain.
 * @param {import("../protocol.js").DataFiles} data
 * @param {{add: (path: string, bytes: Uint8Array) => void}} files @param {(words: string) => void} progress
 * @returns {Promise<string[]>} the paths that were left out
 */
export async function addFiles({ files: picked, pictures }, files, progress) {
  const leftOut = [];
  for (const [index, { path, file }] of picked.entries()) {
    if (index % PER_PROGRESS === 0) progress(`Reading file ${index + 1} of ${picked.length}.`);
    try {
      const bytes = pictures ? await asPng(file, path) : new Uint8Array(await file.arrayBuffer());
      files.add(pictures && !/\.png$/i.test(path) ? `${path}.png` : path, bytes);
    } catch (error) {
      if (!(error instanceof Undecodable) || leftOut.length + 1 === picked.length) throw error;
      leftOut.push(path);
    }
  }
  progress("Preparing the data.");
  return leftOut;
}
