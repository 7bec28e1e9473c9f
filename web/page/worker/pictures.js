// Makes PNG files of pictures in any format that the browser decodes, because the wasm module decodes PNG alone.

const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47];

/** Pictures are cropped and reduced to this side: twice the largest side that is trained on. */
const LARGEST_SIDE = 192;

/** How many pictures are converted between two words about it. */
const PER_PROGRESS = 50;

/** A picture that this browser cannot decode. */
class Undecodable extends Error {}

/**
 * The bytes of a picture as PNG. PNG files stay as they are, so that they give the very pixels that they give natively.
 * @param {Blob} blob @param {string} name for the error's sentence
 */
export async function asPng(blob, name) {
  const magic = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  if (PNG_MAGIC.every((byte, index) => magic[index] === byte)) {
    return new Uint8Array(await blob.arrayBuffer());
  }
  const bitmap = await createImageBitmap(blob).catch(() => {
    throw new Undecodable(`${name}: this browser cannot decode it as a picture.`);
  });
  const square = squareOf(bitmap);
  bitmap.close();
  const png = await square.convertToBlob({ type: "image/png" });
  return new Uint8Array(await png.arrayBuffer());
}

/** The middle of a picture, as the library crops it, no larger than it is useful. @param {ImageBitmap} bitmap */
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
 * `.png`; `a.jpg` becomes `a.jpg.png`, so that it cannot meet an `a.png`. Pictures that the browser cannot decode are left
 * out, unless none is left.
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
