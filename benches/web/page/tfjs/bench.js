// TensorFlow.js's part of the benchmark.

import { initialWeights } from "../model/weights.js";
import { uniforms } from "../model/random.js";
import { timeImages, timeSteps } from "../peer.js";
import { start, tf } from "./tf.js";
import { Trainer } from "./trainer.js";

async function open(backend) {
    await start(backend);
    return new Trainer(initialWeights(uniforms(0)));
}

async function read(tensor) {
    const values = await tensor.data();
    tensor.dispose();
    return values;
}

/** Times training steps on a backend. Fails if tensors accumulate. */
export async function train(backend, options) {
    const trainer = await open(backend);
    let first;
    const step = async (arrays) => {
        const losses = await read(trainer.step(arrays));
        first ??= tf.memory().numTensors;
        return losses;
    };
    const result = await timeSteps(step, options, true);
    if (tf.memory().numTensors !== first) {
        throw new Error(`${tf.memory().numTensors} tensors after the last step, ${first} after the first`);
    }
    return result;
}

/** Times pictures on a backend. */
export async function generate(backend, options) {
    const trainer = await open(backend);
    return timeImages((latents) => read(trainer.generate(latents)), options);
}
