// RGBA bytes on canvases.

/** The library's grey gap between the images of a grid, and its width in pixels. */
const GAP_COLOR = "#282828";
const GAP = 2;

/** Images are enlarged to at least this side, without smoothing. */
const SIDE = 64;

/** Shows a picture as it is. @param {HTMLCanvasElement} canvas @param {Uint8Array} rgba */
export function show(canvas, rgba, width, height) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(imageData(rgba, width, height), 0, 0);
}

/** Shows one square image, enlarged. @param {HTMLCanvasElement} canvas @param {Uint8Array} rgba @param {number} size */
export function showEnlarged(canvas, rgba, size, side = 256) {
  const scale = Math.max(1, Math.round(side / size));
  canvas.width = canvas.height = size * scale;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small(rgba, size, size), 0, 0, canvas.width, canvas.height);
}

/**
 * Shows square images side by side, `columns` per row, as the library lays out its grids.
 * @param {HTMLCanvasElement} canvas @param {Uint8Array} rgba one image after the other
 */
export function showTiles(canvas, rgba, columns, size) {
  const count = rgba.length / (4 * size * size);
  const shown = size * Math.max(1, Math.floor(SIDE / size));
  const pitch = shown + GAP;
  canvas.width = columns * pitch + GAP;
  canvas.height = Math.ceil(count / columns) * pitch + GAP;
  const context = canvas.getContext("2d");
  context.fillStyle = GAP_COLOR;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  // One tall picture of all images, one below the other.
  const column = small(rgba, size, size * count);
  for (let index = 0; index < count; index++) {
    const [left, top] = [GAP + (index % columns) * pitch, GAP + Math.floor(index / columns) * pitch];
    context.drawImage(column, 0, index * size, size, size, left, top, shown, shown);
  }
}

/** A canvas's picture as PNG. @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export function pngOf(canvas) {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Error("The browser could not make a PNG of this picture."));
    canvas.toBlob((blob) => (blob ? resolve(blob) : refuse()), "image/png");
  });
}

function small(rgba, width, height) {
  const canvas = document.createElement("canvas");
  show(canvas, rgba, width, height);
  return canvas;
}

function imageData(rgba, width, height) {
  return new ImageData(new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength), width, height);
}
