// TensorFlow.js as a module. It comes as scripts that set a global.

import "/vendor/@tensorflow/tfjs/dist/tf.min.js";
import "/vendor/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js";
import "/vendor/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js";

export const { tf } = globalThis;

/** Starts a backend: `webgpu`, `wasm` or `cpu`. */
export async function start(backend) {
    tf.wasm.setWasmPaths("/vendor/@tensorflow/tfjs-backend-wasm/dist/");
    if (!await tf.setBackend(backend)) {
        throw new Error(`TensorFlow.js could not start its backend ${backend}`);
    }
    await tf.ready();
}
