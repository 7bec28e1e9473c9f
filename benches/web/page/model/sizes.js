// The sizes and settings of `slgan train --data glyphs --preset tiny`, from src/nn/architecture.rs and
// src/config/presets.rs.

export const CHANNELS = 3;
export const SIZE = 32;
export const CLASSES = 10;
export const BASE_SIZE = 4;
export const GENERATOR_WIDTHS = [64, 32, 16, 16];
export const TRUNK_WIDTHS = [16, 32, 64];
/** Sides of the kernels of the trunks, which have stride 2. */
export const DISCRIMINATOR_KERNEL = 4;
export const CLASSIFIER_KERNEL = 3;
export const LEAK = 0.2;
export const EPSILON = 1e-5;

/** The side of a trunk's last feature maps, and their number of values. At this size, both kernels give the same. */
export const FEATURE_SIZE = SIZE >> TRUNK_WIDTHS.length;
export const FEATURES = TRUNK_WIDTHS.at(-1) * FEATURE_SIZE ** 2;

export const LATENT_DIM = 64;
export const RADIUS = 1.5;
export const LABELLED_BATCH = 32;
export const DROPOUT = 0.2;

/** Weights: of generated images in the classifier's loss, and of the classifier's term in the generator's loss. */
export const GENERATED_WEIGHT = 0.1;
export const GENERATOR_WEIGHT = 0.2;
export const TAU = 0.9;
export const SMALLEST_PRIOR = 1e-3;

/** Learning rate, decays of the two moments, and the number added to the root. */
export const ADAM = {
    generator: { rate: 1e-3, betas: [0, 0.9], epsilon: 1e-8 },
    discriminator: { rate: 2e-3, betas: [0, 0.9], epsilon: 1e-8 },
    classifier: { rate: 5e-4, betas: [0.9, 0.999], epsilon: 1e-8 },
};

const DECAYS = { generator: 0.998, teacher: 0.99, prior: 0.99 };

/** The decays of the moving averages at a step, ramped up from 0. */
export function decaysAt(step) {
    const ramp = (1 + step) / (10 + step);
    return Object.fromEntries(Object.entries(DECAYS).map(([name, decay]) => [name, Math.min(decay, ramp)]));
}
