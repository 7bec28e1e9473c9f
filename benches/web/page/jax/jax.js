// jax-js, and how its arrays are held.
//
// A function of jax-js consumes its arguments, so whatever is used again is passed as `x.ref`.

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
