// The training step in jax-js: a function of state and inputs that `jit` compiles as a whole.
//
// `jit` traces it once, with tracers as arguments. The compiled step consumes the arrays themselves, so nothing is
// disposed of here.

import {
    ADAM, CLASSES, GENERATED_WEIGHT, GENERATOR_WEIGHT, LABELLED_BATCH, SMALLEST_PRIOR, TAU,
} from "../model/sizes.js";
import { isKept } from "../model/weights.js";
import { jax, nn, np, tree } from "./jax.js";
import { classifier, discriminator, generator, iterated } from "./networks.js";

const filtered = (p, keeps) => Object.fromEntries(Object.entries(p).filter(([name]) => keeps(name)));
const trained = (p) => filtered(p, (name) => !isKept(name));
const kept = (p) => filtered(p, isKept);

/** Cross-entropy `[batch]` against one-hot labels. */
const crossEntropy = (logits, labels) => nn.logSoftmax(logits).mul(labels).sum(1).neg();

/** The teacher's probabilities, corrected by the prior. */
const probabilitiesOf = (logits, prior) => nn.softmax(logits.sub(np.log(np.maximum(prior, SMALLEST_PRIOR))));

/** 1 for rows whose highest probability is at least tau, else 0: `[batch, 1]`. */
const gateOf = (probabilities) => probabilities.max(1, { keepdims: true }).greaterEqual(TAU).astype(np.float32);

/** One-hot labels and the gate. Rows with `known` 1 take their one-hot label from `classes`. */
function selfLabelled(probabilities, classes, known) {
    const gate = np.maximum(gateOf(probabilities.ref), known.ref);
    const labels = nn.oneHot(np.argmax(probabilities, 1), CLASSES);
    return { labels: known.ref.mul(classes).add(np.subtract(1, known).mul(labels)), gate };
}

/** Adam (Kingma & Ba 2015, algorithm 1). `corrections` are 1 minus the powers of its betas. */
function adam({ rate, betas, epsilon }, p, gradients, { first, second }, corrections) {
    const next = { p: {}, first: {}, second: {} };
    for (const [name, gradient] of Object.entries(gradients)) {
        next.first[name] = first[name].mul(betas[0]).add(gradient.ref.mul(1 - betas[0]));
        next.second[name] = second[name].mul(betas[1]).add(np.square(gradient).mul(1 - betas[1]));
        const root = np.sqrt(next.second[name].ref.div(corrections.second.ref)).add(epsilon);
        const step = next.first[name].ref.div(corrections.first.ref).div(root).mul(rate);
        next.p[name] = p[name].ref.sub(step);
    }
    return { p: next.p, moments: { first: next.first, second: next.second } };
}

/** The averages, moved towards `current`, which stays valid. */
const averaged = (average, current, decay) =>
    tree.map((a, b) => a.ref.add(b.ref.sub(a).mul(np.subtract(1, decay.ref))), average, current);

function discriminatorLoss(p, { images, labels, gate }) {
    const [real, fake] = np.split(discriminator(p, images.ref, labels.ref, gate.ref), 2);
    return nn.relu(np.subtract(1, real)).mean().add(nn.relu(fake.add(1)).mean());
}

/** For generated images with their label, labelled ones, and real ones whose self-label passes the gate. */
function classifierLoss(p, fake, real, { targets, lessons, lessonLabels, dropout }) {
    const [batch] = fake.shape;
    const logits = classifier(p, np.concatenate([fake.ref, lessons.ref]), dropout.ref);
    const entropies = crossEntropy(logits, np.concatenate([targets.ref, lessonLabels.ref, real.labels.ref]));
    const weights = np.concatenate([
        np.full([batch], GENERATED_WEIGHT / batch),
        np.full([LABELLED_BATCH], 1 / LABELLED_BATCH),
        real.gate.ref.reshape([batch]).div(batch),
    ]);
    return entropies.mul(weights).sum();
}

function generatorLoss(generated, d, c, targets, gate) {
    const scores = discriminator(d, generated.ref, targets.ref, gate.ref);
    const entropy = crossEntropy(classifier(c, generated), targets.ref).mean();
    return entropy.mul(GENERATOR_WEIGHT).sub(scores.mean());
}

/** The loss, and the gradients of a network's trained parameters. The network stays valid. */
function differentiate(network, loss) {
    const constants = kept(network);
    const ofTrained = (p) => {
        const value = loss({ ...p, ...constants });
        tree.dispose(p);
        return value;
    };
    return jax.valueAndGrad(ofTrained)(tree.ref(trained(network)));
}

/** The generator's images, its pullback, and its new statistics. The network stays valid. */
function generate(network, latents) {
    const forward = (p) => {
        const statistics = {};
        const images = generator(p, latents.ref, statistics);
        tree.dispose(p);
        return [images, statistics];
    };
    return jax.vjp(forward, [tree.ref(trained(network))], { hasAux: true });
}

/** One step. Returns `[state, losses]`, with the losses `[d, c, g]`. */
export function step(state, inputs, schedule) {
    const { decays, corrections } = schedule;
    const update = (name, network, gradients) =>
        adam(ADAM[name], network, gradients, state.moments[name], corrections[name]);

    const logits = classifier(state.teacher, inputs.real.ref);
    const real = selfLabelled(probabilitiesOf(logits.ref, state.prior.ref), inputs.classes.ref, inputs.known.ref);
    const [generated, pullback, statistics] = generate(state.generator, inputs.latents);
    const gate = gateOf(probabilitiesOf(classifier(state.teacher, generated.ref), state.prior.ref));
    const both = {
        images: np.concatenate([inputs.real.ref, generated.ref]),
        labels: np.concatenate([real.labels.ref, inputs.targets.ref]),
        gate: np.concatenate([real.gate.ref, gate.ref]),
    };

    const iteratedDiscriminator = { ...state.discriminator, ...iterated(state.discriminator) };
    const [dLoss, dGradients] = differentiate(iteratedDiscriminator, (p) => discriminatorLoss(p, both));
    const d = update("discriminator", iteratedDiscriminator, dGradients);
    const newDiscriminator = { ...iteratedDiscriminator, ...d.p };

    const [cLoss, cGradients] = differentiate(state.classifier, (p) => classifierLoss(p, generated, real, inputs));
    const c = update("classifier", state.classifier, cGradients);

    const [gLoss, imageGradients] = jax.valueAndGrad(
        (images) => generatorLoss(images, newDiscriminator, c.p, inputs.targets, gate))(generated);
    const [gGradients] = pullback(imageGradients);
    const g = update("generator", state.generator, gGradients);
    // The old parameters come first, because trees are matched by the order of their keys.
    const newGenerator = { ...state.generator, ...g.p, ...statistics };

    return [{
        generator: newGenerator,
        discriminator: newDiscriminator,
        classifier: c.p,
        average: averaged(state.average, newGenerator, decays.generator),
        teacher: averaged(state.teacher, c.p, decays.teacher),
        prior: averaged(state.prior, nn.softmax(logits).mean(0, { keepdims: true }), decays.prior),
        moments: { generator: g.moments, discriminator: d.moments, classifier: c.moments },
    }, np.stack([dLoss, cLoss, gLoss])];
}
