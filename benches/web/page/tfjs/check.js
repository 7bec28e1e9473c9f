import { assembleStep } from "../model/inputs.js";
import { permuted } from "../model/layout.js";
import { CHANNELS, FEATURE_SIZE, FEATURES, SIZE, TRUNK_WIDTHS } from "../model/sizes.js";
import { start } from "./tf.js";
import { Trainer } from "./trainer.js";

/** Dropout's rows, with the features in channels-last order. */
const lastFeatures = (dropout) => permuted(
    dropout, [dropout.length / FEATURES, TRUNK_WIDTHS.at(-1), FEATURE_SIZE, FEATURE_SIZE], [0, 2, 3, 1]);

const firstChannels = (pixels) => permuted(
    pixels, [pixels.length / (SIZE * SIZE * CHANNELS), SIZE, SIZE, CHANNELS], [0, 3, 1, 2]);

/** The losses of given steps, and the averaged generator's pictures and the prior after them. */
export async function check(backend, { weights, images, steps, latents }) {
    await start(backend);
    const trainer = new Trainer(weights);
    const losses = [];
    for (const draws of steps) {
        const arrays = assembleStep(images, { ...draws, dropout: lastFeatures(draws.dropout) }, true);
        losses.push([...await trainer.step(arrays).data()]);
    }
    const pictures = firstChannels(await trainer.generate(latents).data());
    return { losses, pictures: [...pictures], prior: [...await trainer.prior.data()] };
}
