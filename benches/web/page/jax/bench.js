// jax-js's part of the benchmark.

import { initialWeights } from "../model/weights.js";
import { uniforms } from "../model/random.js";
import { timeImages, timeSteps } from "../peer.js";
import { start } from "./jax.js";
import { Trainer } from "./trainer.js";

async function open(backend) {
    await start(backend);
    return new Trainer(initialWeights(uniforms(0)));
}

/** Times training steps on a backend. */
export async function train(backend, options) {
    const trainer = await open(backend);
    return timeSteps((arrays) => trainer.step(arrays).data(), options, false);
}

/** Times pictures on a backend. */
export async function generate(backend, options) {
    const trainer = await open(backend);
    return timeImages((latents) => trainer.generate(latents).data(), options);
}
