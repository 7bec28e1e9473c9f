// The three networks in jax-js, channels first: images are [batch, channels, height, width]. `p` has the parameters of
// one network by name. Functions consume their arguments, except `p`.

import { BASE_SIZE, EPSILON, FEATURES, GENERATOR_WIDTHS, LEAK, TRUNK_WIDTHS } from "../model/sizes.js";
import { lax, nn, np } from "./jax.js";

/** A weight's matrix, `[outputs, columns]`. */
const matrix = (weight) => weight.reshape([weight.shape[0], -1]);

const unit = (vector) => vector.ref.div(np.sqrt(np.square(vector).sum()));

/** The singular vectors after one power iteration of every layer with a spectral norm. */
export function iterated(p) {
    const vectors = {};
    for (const name of Object.keys(p).filter((name) => name.endsWith(".norm.left"))) {
        const layer = name.slice(0, -".norm.left".length);
        const rows = matrix(p[`${layer}.weight`].ref);
        const right = unit(np.dot(p[name].ref, rows.ref));
        vectors[name] = unit(np.dot(rows, right.ref));
        vectors[`${layer}.norm.right`] = right;
    }
    return vectors;
}

/** The weight of a layer. In a discriminator, it is divided by the estimate of its largest singular value. */
function effective(p, layer) {
    const weight = p[`${layer}.weight`].ref;
    const left = p[`${layer}.norm.left`];
    if (!left) {
        return weight;
    }
    const reached = np.dot(matrix(weight.ref), p[`${layer}.norm.right`].ref);
    return weight.div(np.dot(left.ref, reached));
}

/** `[a, b, height, width]` to `[a, 4 b, height / 2, width / 2]`: each block of 2x2 numbers becomes four planes. */
function blocks(x) {
    const [count, planes, height, width] = x.shape;
    return x.reshape([count, planes, height / 2, 2, width / 2, 2]).transpose([0, 3, 5, 1, 2, 4])
        .reshape([count, 4 * planes, height / 2, width / 2]);
}

/**
 * Stride 2 with a 4x4 kernel, as stride 1 with a 2x2 kernel on blocks, which is the same sum. On SwiftShader, the
 * direct form has a wrong gradient at 8x8 pixels, and ends the browser's GPU process at 16x16.
 */
function evenConv(x, weight) {
    return lax.conv(blocks(np.pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]])), blocks(weight), [1, 1], [[0, 0], [0, 0]]);
}

function oddConv(x, weight, stride) {
    const padding = (weight.shape[2] - 1) / 2;
    return lax.conv(x, weight, [stride, stride], [[padding, padding], [padding, padding]]);
}

function conv(p, layer, x, stride = 1) {
    const weight = effective(p, layer);
    const y = weight.shape[2] === 4 ? evenConv(x, weight) : oddConv(x, weight, stride);
    return y.add(p[`${layer}.bias`].ref.reshape([-1, 1, 1]));
}

const linear = (p, layer, x) => np.matmul(x, effective(p, layer).transpose()).add(p[`${layer}.bias`].ref);

const perChannel = (vector) => vector.reshape([-1, 1, 1]);

/** Normalises with the batch's statistics, and adds them to `statistics`; without it, with those in `p`. */
function batchNormRelu(p, layer, x, statistics) {
    const [meanName, varianceName] = [`${layer}.mean`, `${layer}.variance`];
    const mean = statistics ? x.ref.mean([0, 2, 3]) : p[meanName].ref;
    const centred = x.sub(perChannel(mean.ref));
    const variance = statistics ? np.square(centred.ref).mean([0, 2, 3]) : p[varianceName].ref;
    const gain = p[`${layer}.scale`].ref.div(np.sqrt(variance.ref.add(EPSILON)));
    if (statistics) {
        Object.assign(statistics, { [meanName]: mean, [varianceName]: variance });
    }
    return nn.relu(centred.mul(perChannel(gain)).add(perChannel(p[`${layer}.shift`].ref)));
}

const enlarged = (x) => np.repeat(np.repeat(x, 2, 2), 2, 3);

function upBlock(p, block, x, statistics) {
    const skip = enlarged(conv(p, `${block}.skip`, x.ref));
    return conv(p, `${block}.conv`, enlarged(batchNormRelu(p, `${block}.norm`, x, statistics))).add(skip);
}

/** Latents `[batch, dim]` to images in -1 to 1. */
export function generator(p, latents, statistics = null) {
    let x = linear(p, "input", latents).reshape([-1, GENERATOR_WIDTHS[0], BASE_SIZE, BASE_SIZE]);
    for (let index = 0; index + 1 < GENERATOR_WIDTHS.length; index++) {
        x = upBlock(p, `blocks.${index}`, x, statistics);
    }
    return np.tanh(conv(p, "output", batchNormRelu(p, "norm", x, statistics)));
}

function trunk(p, images) {
    const features = TRUNK_WIDTHS.reduce(
        (x, _, index) => nn.leakyRelu(conv(p, `trunk.convs.${index}`, x, 2), LEAK), images);
    return features.reshape([-1, FEATURES]);
}

/** Scores `[batch, 1]` of images with label weights `[batch, labels]` and a gate `[batch, 1]`. */
export function discriminator(p, images, labels, gate) {
    const features = trunk(p, images);
    const projection = features.ref.mul(np.matmul(labels, effective(p, "embedding"))).sum(1, { keepdims: true });
    return linear(p, "output", features).add(gate.mul(projection));
}

/** Logits `[batch, labels]` of images. `dropout` has the factors of the features, if any. */
export function classifier(p, images, dropout = null) {
    const features = trunk(p, images);
    return linear(p, "output", dropout ? features.mul(dropout) : features);
}
