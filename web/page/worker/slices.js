// Files that the module reads piece by piece, so that it never holds all of a large one.

const reader = new FileReaderSync();

/** @param {Blob} blob @returns {(start: number, end: number) => Uint8Array} for the module's `Slices` */
export const slicesOf = (blob) => (start, end) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(start, end)));
