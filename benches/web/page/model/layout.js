// slgan, PyTorch and jax-js keep channels first; TensorFlow.js keeps them last, and its weights' outputs too. This is
// how to get from one to the other.

/** The values of an array of `shape` with its axes in another `order`. */
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
