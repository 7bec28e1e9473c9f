// The parameters of the three networks: names and shapes as in slgan's checkpoints, and initial values.

import { normal } from "./random.js";
import {
    BASE_SIZE, CHANNELS, CLASSES, CLASSIFIER_KERNEL, DISCRIMINATOR_KERNEL, FEATURE_SIZE, FEATURES, GENERATOR_WIDTHS,
    LATENT_DIM, TRUNK_WIDTHS,
} from "./sizes.js";

/** Whether a name is part of the state, but is not trained. */
export const isKept = (name) => /\.(mean|variance|left|right)$/.test(name);

const pairs = (widths) => widths.slice(1).map((width, index) => [widths[index], width]);

/** Shape and initial values; and, if a channels-last layout differs, the axes with their order and shape there. */
const entry = (shape, start, axes = shape, order = axes.map((_, axis) => axis), lastShape = shape) =>
    ({ shape, start, axes, order, lastShape });

const scaled = (gain, fanIn) => ({ deviation: gain / Math.sqrt(fanIn) });
const ZEROS = { constant: 0 };
const ONES = { constant: 1 };
const UNIT = { unit: true };

/** A weight with `outputs` rows and columns `[channels, height, width]`. */
function weight(name, outputs, [channels, height, width], gain, spectral, lastShape) {
    const columns = channels * height * width;
    const shape = lastShape.length === 4 ? [outputs, channels, height, width] : [outputs, columns];
    const entries = {
        [`${name}.weight`]: entry(
            shape, scaled(gain, columns), [outputs, channels, height, width], [2, 3, 1, 0], lastShape),
    };
    if (spectral) {
        entries[`${name}.norm.left`] = entry([outputs], UNIT);
        entries[`${name}.norm.right`] = entry([columns], UNIT, [channels, height, width], [1, 2, 0]);
    }
    return entries;
}

function conv(name, [input, output], size, spectral = false) {
    const lastShape = [size, size, input, output];
    return {
        ...weight(name, output, [input, size, size], Math.SQRT2, spectral, lastShape),
        [`${name}.bias`]: entry([output], ZEROS),
    };
}

/** A linear layer, or an embedding, on the trunk's features. */
function onFeatures(name, outputs, { spectral = false, bias = true } = {}) {
    const columns = [TRUNK_WIDTHS.at(-1), FEATURE_SIZE, FEATURE_SIZE];
    const entries = weight(name, outputs, columns, 1, spectral, [FEATURES, outputs]);
    return bias ? { ...entries, [`${name}.bias`]: entry([outputs], ZEROS) } : entries;
}

function batchNorm(name, channels) {
    return {
        [`${name}.scale`]: entry([channels], ONES),
        [`${name}.shift`]: entry([channels], ZEROS),
        [`${name}.mean`]: entry([channels], ZEROS),
        [`${name}.variance`]: entry([channels], ONES),
    };
}

function generatorInput() {
    const axes = [GENERATOR_WIDTHS[0], BASE_SIZE, BASE_SIZE];
    const outputs = axes[0] * axes[1] * axes[2];
    return {
        "input.weight": entry(
            [outputs, LATENT_DIM], scaled(1, LATENT_DIM), [...axes, LATENT_DIM], [3, 1, 2, 0], [LATENT_DIM, outputs]),
        "input.bias": entry([outputs], ZEROS, axes, [1, 2, 0]),
    };
}

const trunk = (kernel, spectral) => Object.assign({}, ...pairs([CHANNELS, ...TRUNK_WIDTHS]).map((pair, index) =>
    conv(`trunk.convs.${index}`, pair, kernel, spectral)));

/** The entries of each network, by name. */
export const NETWORKS = {
    generator: Object.assign(
        generatorInput(),
        ...pairs(GENERATOR_WIDTHS).map((pair, index) => ({
            ...batchNorm(`blocks.${index}.norm`, pair[0]),
            ...conv(`blocks.${index}.conv`, pair, 3),
            ...conv(`blocks.${index}.skip`, pair, 1),
        })),
        batchNorm("norm", GENERATOR_WIDTHS.at(-1)),
        conv("output", [GENERATOR_WIDTHS.at(-1), CHANNELS], 3),
    ),
    discriminator: {
        ...trunk(DISCRIMINATOR_KERNEL, true),
        ...onFeatures("output", 1, { spectral: true }),
        ...onFeatures("embedding", CLASSES, { spectral: true, bias: false }),
    },
    classifier: { ...trunk(CLASSIFIER_KERNEL, false), ...onFeatures("output", CLASSES) },
};

const count = (shape) => shape.reduce((product, size) => product * size, 1);

function initialValues({ shape, start }, uniform) {
    const values = new Float32Array(count(shape));
    if ("constant" in start) {
        return values.fill(start.constant);
    }
    values.forEach((_, index) => { values[index] = normal(uniform) * (start.deviation ?? 1); });
    const norm = start.unit ? Math.hypot(...values) : 1;
    return values.map((value) => value / norm);
}

/** Initial values of every parameter: `{network: {name: Float32Array}}`, channels first. */
export function initialWeights(uniform) {
    const network = (entries) => Object.fromEntries(
        Object.entries(entries).map(([name, entry]) => [name, initialValues(entry, uniform)]));
    return Object.fromEntries(Object.entries(NETWORKS).map(([name, entries]) => [name, network(entries)]));
}
