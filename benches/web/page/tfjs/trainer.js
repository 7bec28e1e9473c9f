// The training step in TensorFlow.js.

import { permuted } from "../model/layout.js";
import {
    ADAM, CHANNELS, CLASSES, decaysAt, FEATURES, GENERATED_WEIGHT, GENERATOR_WEIGHT, LABELLED_BATCH, LATENT_DIM, SIZE,
    SMALLEST_PRIOR, TAU,
} from "../model/sizes.js";
import { isKept, NETWORKS } from "../model/weights.js";
import { classifier, discriminator, generator, iterate } from "./networks.js";
import { tf } from "./tf.js";

/** The parameters of a network as variables, by name. */
function variables(prefix, values, network) {
    return Object.fromEntries(Object.entries(NETWORKS[network]).map(([name, { axes, order, lastShape }]) => {
        const tensor = tf.tensor(permuted(values[network][name], axes, order), lastShape);
        return [name, tf.variable(tensor, !isKept(name), `${prefix}/${name}`)];
    }));
}

const trained = (parameters) => Object.entries(parameters).filter(([name]) => !isKept(name)).map(([, value]) => value);

/** A copy that gradients do not pass: variables are not part of the tape. */
const detached = (tensor) => tf.variable(tensor, false);

const oneHot = (labels) => tf.oneHot(labels, CLASSES).toFloat();

/** 1 for rows whose highest probability is at least tau, else 0: `[batch, 1]`. */
const gateOf = (probabilities) => tf.greaterEqual(probabilities.max(1, true), TAU).toFloat();

/** One-hot labels and the gate. Rows with `known` 1 take their one-hot label from `classes`. */
function selfLabelled(probabilities, classes, known) {
    const labels = oneHot(probabilities.argMax(1));
    return {
        labels: known.mul(classes).add(tf.sub(1, known).mul(labels)),
        gate: tf.maximum(gateOf(probabilities), known),
    };
}

/** Cross-entropy `[batch]` against one-hot labels. */
const crossEntropy = (logits, labels) => tf.logSoftmax(logits).mul(labels).sum(1).neg();

/** Moves variables towards those of the same name in `current`. */
function average(averaged, current, decay) {
    for (const [name, value] of Object.entries(averaged)) {
        value.assign(value.add(current[name].sub(value).mul(1 - decay)));
    }
}

/** The state of training, and the step. */
export class Trainer {
    constructor(weights) {
        this.generator = variables("generator", weights, "generator");
        this.discriminator = variables("discriminator", weights, "discriminator");
        this.classifier = variables("classifier", weights, "classifier");
        this.average = variables("average", weights, "generator");
        this.teacher = variables("teacher", weights, "classifier");
        this.prior = tf.variable(tf.fill([1, CLASSES], 1 / CLASSES), false);
        this.optimizers = Object.fromEntries(Object.entries(ADAM).map(([network, { rate, betas, epsilon }]) =>
            [network, tf.train.adam(rate, ...betas, epsilon)]));
        this.stepNumber = 0;
    }

    /** Performs a step on the arrays of `assembleStep`; returns its losses `[d, c, g]` as a tensor. */
    step(arrays) {
        return tf.tidy(() => {
            const inputs = upload(arrays);
            const logits = classifier(this.teacher, inputs.real);
            const real = selfLabelled(this.probabilitiesOf(logits), inputs.classes, inputs.known);
            const losses = this.update(real, inputs);
            this.follow(logits);
            this.stepNumber += 1;
            return losses;
        });
    }

    /** The teacher's probabilities, corrected by the prior. */
    probabilitiesOf(logits) {
        return tf.softmax(logits.sub(tf.log(tf.maximum(this.prior, SMALLEST_PRIOR))));
    }

    /**
     * The three updates. They share one pass of the generator. A tape cannot be paused, so discriminator and classifier
     * are updated while the generator's loss is computed.
     */
    update(real, inputs) {
        const { latents, targets } = inputs;
        const losses = {};
        losses.generator = this.minimize("generator", () => {
            const generated = generator(this.generator, latents);
            const fake = detached(generated);
            const gate = detached(gateOf(this.probabilitiesOf(classifier(this.teacher, fake))));
            const both = {
                images: tf.concat([inputs.real, fake]),
                labels: tf.concat([real.labels, targets]),
                gate: tf.concat([real.gate, gate]),
            };
            iterate(this.discriminator);
            losses.discriminator = this.minimize("discriminator", () => this.discriminatorLoss(both));
            losses.classifier = this.minimize("classifier", () => this.classifierLoss(fake, real, inputs));
            const loss = this.generatorLoss(generated, targets, gate);
            fake.dispose();
            gate.dispose();
            return loss;
        });
        const stacked = tf.stack([losses.discriminator, losses.classifier, losses.generator]);
        tf.dispose(losses);
        return stacked;
    }

    /** Updates a network by the gradient of a loss. Returns the loss, which the caller must dispose of. */
    minimize(network, loss) {
        return tf.keep(this.optimizers[network].minimize(loss, true, trained(this[network])));
    }

    discriminatorLoss({ images, labels, gate }) {
        const [real, fake] = tf.split(discriminator(this.discriminator, images, labels, gate), 2);
        return tf.relu(tf.sub(1, real)).mean().add(tf.relu(fake.add(1)).mean());
    }

    /** For generated images with their label, labelled ones, and real ones whose self-label passes the gate. */
    classifierLoss(fake, real, { targets, lessons, lessonLabels, dropout }) {
        const [batch] = fake.shape;
        const logits = classifier(this.classifier, tf.concat([fake, lessons]), dropout);
        const entropies = crossEntropy(logits, tf.concat([targets, lessonLabels, real.labels]));
        const weights = tf.concat([
            tf.fill([batch], GENERATED_WEIGHT / batch),
            tf.fill([LABELLED_BATCH], 1 / LABELLED_BATCH),
            real.gate.reshape([batch]).div(batch),
        ]);
        return entropies.mul(weights).sum();
    }

    generatorLoss(generated, targets, gate) {
        const scores = discriminator(this.discriminator, generated, targets, gate);
        const entropy = crossEntropy(classifier(this.classifier, generated), targets).mean();
        return entropy.mul(GENERATOR_WEIGHT).sub(scores.mean());
    }

    /** Moves the averages, and the prior by the teacher's logits of the real images. */
    follow(logits) {
        const decays = decaysAt(this.stepNumber);
        average(this.average, this.generator, decays.generator);
        average(this.teacher, this.classifier, decays.teacher);
        average({ prior: this.prior }, { prior: tf.softmax(logits).mean(0, true) }, decays.prior);
    }

    /** Images `[count, size, size, channels]` of the averaged generator. */
    generate(latents) {
        const count = latents.length / LATENT_DIM;
        return tf.tidy(() => generator(this.average, tf.tensor(latents, [count, LATENT_DIM]), true));
    }
}

/** A step's arrays as tensors, labels one-hot. */
function upload({ latents, targets, real, classes, known, lessons, lessonClasses, dropout }) {
    const batch = targets.length;
    return {
        latents: tf.tensor(latents, [batch, LATENT_DIM]),
        targets: oneHot(tf.tensor(targets, [batch])),
        real: tf.tensor(real, [batch, SIZE, SIZE, CHANNELS]),
        classes: oneHot(tf.tensor(classes, [batch])),
        known: tf.tensor(known, [batch, 1]),
        lessons: tf.tensor(lessons, [LABELLED_BATCH + batch, SIZE, SIZE, CHANNELS]),
        lessonLabels: oneHot(tf.tensor(lessonClasses, [LABELLED_BATCH])),
        dropout: tf.tensor(dropout, [dropout.length / FEATURES, FEATURES]),
    };
}
