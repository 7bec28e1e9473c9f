// The inputs of a step. The host draws and assembles them, so that both peers get the same.

import { below, normal, uniforms } from "./random.js";
import {
    CHANNELS, CLASSES, DROPOUT, FEATURES, LABELLED_BATCH, LATENT_DIM, RADIUS, SIZE,
} from "./sizes.js";

const IMAGES = 2_000;
const LABELLED_IMAGES = 20;
const PIXELS = CHANNELS * SIZE * SIZE;
/** Real images are shifted by up to an eighth of their side before the classifier sees them. */
const REACH = SIZE / 8;

/** Images `[count, channels, size, size]` as bytes, and their classes. Only the first `labelled` classes are known. */
export function syntheticImages(uniform) {
    const classes = Int32Array.from({ length: IMAGES }, (_, index) => index % CLASSES);
    const pixels = new Uint8Array(IMAGES * PIXELS);
    pixels.forEach((_, position) => {
        const row = Math.floor(position / SIZE) % SIZE;
        const bright = Math.floor(row / 3) === classes[Math.floor(position / PIXELS)];
        pixels[position] = 150 * uniform() + (bright ? 100 : 0);
    });
    return { pixels, classes, labelled: LABELLED_IMAGES };
}

/** Latents `[count, dim]` with their labels. The anchors are the first axes, and there is no noise along them. */
export function drawLatents(count, uniform) {
    const targets = Int32Array.from({ length: count }, () => below(uniform, CLASSES));
    const latents = Float32Array.from({ length: count * LATENT_DIM }, () => normal(uniform));
    targets.forEach((target, row) => {
        latents.fill(0, row * LATENT_DIM, row * LATENT_DIM + CLASSES);
        latents[row * LATENT_DIM + target] = RADIUS;
    });
    return { targets, latents };
}

/** All random numbers of one step. */
export function drawStep(images, batch, uniform) {
    const lessons = LABELLED_BATCH + batch;
    const keep = () => (uniform() < DROPOUT ? 0 : 1 / (1 - DROPOUT));
    return {
        ...drawLatents(batch, uniform),
        indices: Int32Array.from({ length: batch }, () => below(uniform, images.classes.length)),
        labelledIndices: Int32Array.from({ length: LABELLED_BATCH }, () => below(uniform, images.labelled)),
        shifts: Int32Array.from({ length: 2 * lessons }, () => below(uniform, 2 * REACH + 1) - REACH),
        dropout: Float32Array.from({ length: (batch + lessons) * FEATURES }, keep),
    };
}

/** Images `[count, ...]` in -1 to 1, each shifted by its `[down, right]`. Pixels from outside are 0, mid grey. */
function shiftedImages(images, indices, shifts, channelsLast) {
    const result = new Float32Array(indices.length * PIXELS);
    indices.forEach((index, image) => {
        const [down, right] = shifts ? shifts.subarray(2 * image) : [0, 0];
        for (let channel = 0; channel < CHANNELS; channel++) {
            for (let y = Math.max(0, -down); y < Math.min(SIZE, SIZE - down); y++) {
                for (let x = Math.max(0, right); x < Math.min(SIZE, SIZE + right); x++) {
                    const from = ((index * CHANNELS + channel) * SIZE + y + down) * SIZE + x - right;
                    const to = channelsLast
                        ? ((image * SIZE + y) * SIZE + x) * CHANNELS + channel
                        : ((image * CHANNELS + channel) * SIZE + y) * SIZE + x;
                    result[to] = images.pixels[from] / 127.5 - 1;
                }
            }
        }
    });
    return result;
}

/**
 * The arrays of one step. The classifier's lessons are the labelled images, followed by the step's real ones, all
 * shifted. The rows of `dropout` are for the generated images, then for the lessons.
 */
export function assembleStep(images, draws, channelsLast) {
    const { indices, labelledIndices } = draws;
    const lessons = Int32Array.of(...labelledIndices, ...indices);
    return {
        latents: draws.latents,
        targets: draws.targets,
        real: shiftedImages(images, indices, null, channelsLast),
        classes: indices.map((index) => images.classes[index]),
        known: Float32Array.from(indices, (index) => (index < images.labelled ? 1 : 0)),
        lessons: shiftedImages(images, lessons, draws.shifts, channelsLast),
        lessonClasses: labelledIndices.map((index) => images.classes[index]),
        dropout: draws.dropout,
    };
}

/** An endless source of steps, the same in every run. */
export function stepSource(batch, channelsLast) {
    const uniform = uniforms(1);
    const images = syntheticImages(uniform);
    return () => assembleStep(images, drawStep(images, batch, uniform), channelsLast);
}
