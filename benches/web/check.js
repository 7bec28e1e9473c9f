// Whether both ports compute what PyTorch computes from the same weights and inputs. PYTHON names one with PyTorch.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { launch, open } from "./browser.js";
import { serve } from "./server.js";

/** Relative, for the losses of each step. */
const LOSS_TOLERANCE = 1e-4;
/**
 * On average over pixels in -1 to 1. Biases before batch normalisation have no gradient but rounding, of which Adam
 * makes steps; the normalisation takes them out again, but not quite from averages of weights.
 */
const PIXEL_TOLERANCE = 1e-2;
/** On average over the labels. */
const PRIOR_TOLERANCE = 1e-5;

const PORTS = [["tfjs", "webgpu"], ["tfjs", "cpu"], ["jax", "webgpu"], ["jax", "wasm"]];

function reference() {
    const script = fileURLToPath(new URL("reference.py", import.meta.url));
    const output = execFileSync(process.env.PYTHON ?? "python3", [script], { maxBuffer: 2 ** 28, encoding: "utf8" });
    return JSON.parse(output);
}

/** Runs a port's check in the page; arrays travel as JSON and become typed there. */
function run(page, implementation, backend, given) {
    return page.evaluate(async (implementation, backend, given) => {
        const { runTask } = await import("/rounds.js");
        const typed = (object, type) => Object.fromEntries(
            Object.entries(object).map(([name, values]) => [name, type.from(values)]));
        const floats = ({ latents, dropout }) => typed({ latents, dropout }, Float32Array);
        const integers = ({ indices, labelledIndices, targets, shifts }) =>
            typed({ indices, labelledIndices, targets, shifts }, Int32Array);
        const { images, weights } = given;
        return runTask("check", implementation, backend, {
            weights: Object.fromEntries(Object.entries(weights).map(([name, p]) => [name, typed(p, Float32Array)])),
            images: {
                pixels: Uint8Array.from(images.pixels),
                classes: Int32Array.from(images.classes),
                labelled: images.labelled,
            },
            steps: given.steps.map((draws) => ({ ...integers(draws), ...floats(draws) })),
            latents: Float32Array.from(given.latents),
        });
    }, implementation, backend, given);
}

/** On average; infinite where there are not as many values. */
const difference = (a, b) => (a.length === b.length
    ? a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length
    : Infinity);

/** What a port is off by, and how far it may be. */
function comparisons(found, expected) {
    const relative = expected.losses.map((losses, step) => losses.map(
        (loss, index) => Math.abs(found.losses[step][index] / loss - 1)));
    return [
        ["losses", Math.max(...relative.flat()), LOSS_TOLERANCE],
        ["pixels", difference(found.pictures, expected.pictures), PIXEL_TOLERANCE],
        ["prior", difference(found.prior, expected.prior), PRIOR_TOLERANCE],
    ];
}

const { losses, pictures, prior, ...given } = reference();
const server = await serve();
const browser = await launch("software");
try {
    const page = await open(browser, server.address);
    for (const [implementation, backend] of PORTS) {
        const found = await run(page, implementation, backend, given);
        for (const [what, error, tolerance] of comparisons(found, { losses, pictures, prior })) {
            const agrees = error <= tolerance;
            console.log(`${implementation} on ${backend}: ${what} off by ${error.toExponential(1)}, ` +
                `${tolerance} allowed${agrees ? "" : ": WRONG"}`);
            process.exitCode ||= agrees ? 0 : 1;
        }
    }
} finally {
    await browser.close();
    server.close();
}
