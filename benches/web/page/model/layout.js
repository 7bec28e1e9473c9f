// Conversion between memory layouts: channels first in slgan, PyTorch and jax-js; channels last, and weights' outputs
// last, in TensorFlow.js.

/** The values of an array of this `shape`, with its axes in another `order`. */
export function permuted(values, shape, order) {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
    const result = new values.constructor(values.length);
    let next = 0;
    const walk = (depth, offset) => {
        if (depth === order.length) {
            result[next++] = values[offset];
            return;
        }
        for (let index = 0; index < shape[order[depth]]; index++) {
            walk(depth + 1, offset + index * strides[order[depth]]);
        }
    };
    walk(0, 0);
    return result;
}
