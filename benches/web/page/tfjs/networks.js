// The three networks in TensorFlow.js, channels last: images are [batch, height, width, channels], and a weight's last
// axis is its outputs. `p` has the parameters of one network by name.

import { BASE_SIZE, EPSILON, GENERATOR_WIDTHS, LEAK, TRUNK_WIDTHS } from "../model/sizes.js";
import { tf } from "./tf.js";

/** A weight's matrix, `[columns, outputs]`. */
const matrix = (weight) => weight.reshape([-1, weight.shape.at(-1)]);

const unit = (vector) => vector.div(tf.sqrt(vector.square().sum()));

/** One power iteration of every layer with a spectral norm. */
export function iterate(p) {
    tf.tidy(() => {
        for (const name of Object.keys(p).filter((name) => name.endsWith(".norm.left"))) {
            const layer = name.slice(0, -".norm.left".length);
            const [rows, left, right] = [matrix(p[`${layer}.weight`]), p[name], p[`${layer}.norm.right`]];
            right.assign(unit(tf.dot(rows, left)));
            left.assign(unit(tf.dot(right, rows)));
        }
    });
}

/** The weight of a layer. In a discriminator, it is divided by the estimate of its largest singular value. */
function effective(p, layer) {
    const weight = p[`${layer}.weight`];
    const left = p[`${layer}.norm.left`];
    return left ? weight.div(tf.dot(tf.dot(p[`${layer}.norm.right`], matrix(weight)), left)) : weight;
}

function conv(p, layer, x, stride = 1) {
    const weight = effective(p, layer);
    // Not "same", which pads odd kernels of stride 2 on one side only.
    const padding = Math.floor((weight.shape[0] - 1) / 2);
    return tf.conv2d(x, weight, stride, padding).add(p[`${layer}.bias`]);
}

const linear = (p, layer, x) => tf.matMul(x, effective(p, layer)).add(p[`${layer}.bias`]);

/** Normalises with the batch's statistics, and keeps them; or with the kept ones. */
function batchNormRelu(p, layer, x, usesKept) {
    const [mean, variance] = [p[`${layer}.mean`], p[`${layer}.variance`]];
    const moments = usesKept ? { mean, variance } : tf.moments(x, [0, 1, 2]);
    if (!usesKept) {
        mean.assign(moments.mean);
        variance.assign(moments.variance);
    }
    const [shift, scale] = [p[`${layer}.shift`], p[`${layer}.scale`]];
    return tf.relu(tf.batchNorm(x, moments.mean, moments.variance, shift, scale, EPSILON));
}

/** Makes each pixel a square of four. On the CPU backend, resizing has a wrong gradient from the second image on. */
function enlarged(x) {
    const [batch, height, width, channels] = x.shape;
    if (tf.getBackend() !== "cpu") {
        return tf.image.resizeNearestNeighbor(x, [2 * height, 2 * width]);
    }
    const wide = x.reshape([-1, 1, channels]).tile([1, 2, 1]);
    const tall = wide.reshape([-1, 1, 2 * width * channels]).tile([1, 2, 1]);
    return tall.reshape([batch, 2 * height, 2 * width, channels]);
}

function upBlock(p, block, x, usesKept) {
    const h = conv(p, `${block}.conv`, enlarged(batchNormRelu(p, `${block}.norm`, x, usesKept)));
    return h.add(enlarged(conv(p, `${block}.skip`, x)));
}

/** Latents `[batch, dim]` to images in -1 to 1. */
export function generator(p, latents, usesKept = false) {
    let x = linear(p, "input", latents).reshape([-1, BASE_SIZE, BASE_SIZE, GENERATOR_WIDTHS[0]]);
    for (let index = 0; index + 1 < GENERATOR_WIDTHS.length; index++) {
        x = upBlock(p, `blocks.${index}`, x, usesKept);
    }
    return tf.tanh(conv(p, "output", batchNormRelu(p, "norm", x, usesKept)));
}

function trunk(p, images) {
    const features = TRUNK_WIDTHS.reduce(
        (x, _, index) => tf.leakyRelu(conv(p, `trunk.convs.${index}`, x, 2), LEAK), images);
    return features.reshape([images.shape[0], -1]);
}

/** Scores `[batch, 1]` of images with label weights `[batch, labels]` and a gate `[batch, 1]`. */
export function discriminator(p, images, labels, gate) {
    const features = trunk(p, images);
    const projection = features.mul(tf.matMul(labels, effective(p, "embedding"), false, true)).sum(1, true);
    return linear(p, "output", features).add(gate.mul(projection));
}

/** Logits `[batch, labels]` of images. `dropout` has the factors of the features, if any. */
export function classifier(p, images, dropout = null) {
    const features = trunk(p, images);
    return linear(p, "output", dropout ? features.mul(dropout) : features);
}
