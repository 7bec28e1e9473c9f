import { assembleStep } from "../model/inputs.js";
import { start } from "./jax.js";
import { Trainer } from "./trainer.js";

/** The losses of given steps, and the averaged generator's pictures and the prior after them. */
export async function check(backend, { weights, images, steps, latents }) {
    await start(backend);
    const trainer = new Trainer(weights);
    const losses = [];
    for (const draws of steps) {
        losses.push([...await trainer.step(assembleStep(images, draws, false)).data()]);
    }
    const pictures = await trainer.generate(latents).data();
    return { losses, pictures: [...pictures], prior: [...await trainer.state.prior.ref.data()] };
}
