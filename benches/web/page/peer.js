// Measures a peer. slgan has its own loop.

import { Clock } from "./clock.js";
import { drawLatents, stepSource } from "./model/inputs.js";
import { uniforms } from "./model/random.js";

/** Times training steps. `step(arrays)` resolves to the losses `[d, c, g]` when they are on the host. */
export async function timeSteps(step, options, channelsLast) {
    const next = stepSource(options.batch, channelsLast);
    const clock = new Clock(options);
    let losses;
    while (!clock.isOver) {
        losses = [...await step(next())];
        clock.tick();
    }
    if (!losses.every(Number.isFinite)) {
        throw new Error(`a loss is not finite: ${losses}`);
    }
    return { milliseconds: clock.milliseconds, losses };
}

/** Times pictures. `generate(latents)` resolves to the pixels of one picture per latent, in -1 to 1. */
export async function timeImages(generate, options) {
    const uniform = uniforms(2);
    const clock = new Clock(options);
    while (!clock.isOver) {
        const pixels = await generate(drawLatents(options.images, uniform).latents);
        // All implementations must end with bytes.
        Uint8ClampedArray.from(pixels, (value) => 127.5 * (value + 1));
        clock.tick();
    }
    return { milliseconds: clock.milliseconds };
}
