// jax-js, and its backends.
//
// Functions of jax-js consume their arguments, so arrays that are used again are passed as `x.ref`.

import * as jax from "/vendor/@jax-js/jax/dist/index.js";

export { jax };
export const { lax, nn, numpy: np, tree } = jax;

/** Starts a backend: `webgpu`, `wasm` or `cpu`. */
export async function start(backend) {
    if (!(await jax.init(backend)).includes(backend)) {
        throw new Error(`jax-js could not start its backend ${backend}`);
    }
    jax.defaultDevice(backend);
}
