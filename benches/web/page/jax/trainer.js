// The state of training in jax-js, and the compiled step.

import { ADAM, CHANNELS, CLASSES, decaysAt, FEATURES, LABELLED_BATCH, LATENT_DIM, SIZE } from "../model/sizes.js";
import { isKept, NETWORKS } from "../model/weights.js";
import { jax, nn, np } from "./jax.js";
import { generator } from "./networks.js";
import { step } from "./step.js";

/** The parameters of a network, by name. */
const parameters = (values, network) => Object.fromEntries(Object.entries(NETWORKS[network]).map(
    ([name, { shape }]) => [name, np.array(Float32Array.from(values[network][name])).reshape(shape)]));

/** Zeros for a network's trained parameters. */
const zeros = (network) => Object.fromEntries(Object.entries(NETWORKS[network])
    .filter(([name]) => !isKept(name)).map(([name, { shape }]) => [name, np.zeros(shape)]));

const mapped = (object, of) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, of(value, key)]));

/** Numbers that depend only on the step. They are arrays, because `jit` would compile the step for each number. */
function scheduleAt(stepNumber) {
    const correction = (beta) => np.array(1 - beta ** (stepNumber + 1));
    return {
        decays: mapped(decaysAt(stepNumber), (decay) => np.array(decay)),
        corrections: mapped(ADAM, ({ betas }) => ({ first: correction(betas[0]), second: correction(betas[1]) })),
    };
}

const oneHot = (labels) => nn.oneHot(np.array(labels), CLASSES);

/** A step's arrays, labels one-hot. */
function upload({ latents, targets, real, classes, known, lessons, lessonClasses, dropout }) {
    const batch = targets.length;
    return {
        latents: np.array(latents).reshape([batch, LATENT_DIM]),
        targets: oneHot(targets),
        real: np.array(real).reshape([batch, CHANNELS, SIZE, SIZE]),
        classes: oneHot(classes),
        known: np.array(known).reshape([batch, 1]),
        lessons: np.array(lessons).reshape([LABELLED_BATCH + batch, CHANNELS, SIZE, SIZE]),
        lessonLabels: oneHot(lessonClasses),
        dropout: np.array(dropout).reshape([-1, FEATURES]),
    };
}

/** The state of training, with compiled step and generation. */
export class Trainer {
    #step = jax.jit(step);
    #generate = jax.jit((p, latents) => generator(p, latents));

    constructor(weights) {
        this.state = {
            generator: parameters(weights, "generator"),
            discriminator: parameters(weights, "discriminator"),
            classifier: parameters(weights, "classifier"),
            average: parameters(weights, "generator"),
            teacher: parameters(weights, "classifier"),
            prior: np.full([1, CLASSES], 1 / CLASSES),
            moments: mapped(ADAM, (_, network) => ({ first: zeros(network), second: zeros(network) })),
        };
        this.stepNumber = 0;
    }

    /** Performs a step on the arrays of `assembleStep`; returns its losses `[d, c, g]` as an array. */
    step(arrays) {
        const [state, losses] = this.#step(this.state, upload(arrays), scheduleAt(this.stepNumber));
        this.state = state;
        this.stepNumber += 1;
        return losses;
    }

    /** Images `[count, channels, size, size]` of the averaged generator. */
    generate(latents) {
        return this.#generate(jax.tree.ref(this.state.average), np.array(latents).reshape([-1, LATENT_DIM]));
    }
}
