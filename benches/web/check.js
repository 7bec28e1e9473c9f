// Checks that both ports compute the same as PyTorch, from the same weights and inputs. PYTHON names a Python with
// PyTorch.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { launch, open } from "./browser.js";
import { serve } from "./server.js";

/**
 * Relative, for each loss of each step. jax-js on wasm adds long sums number by number, so its gradients are right to
 * 2e-6 only; Adam turns the smallest ones into full steps, and the generator's loss follows.
 */
const LOSS_TOLERANCE = 5e-4;
/**
 * Mean over pixels in -1 to 1. A bias before batch normalisation has a gradient of 0, except for rounding errors, which
 * Adam turns into full steps. The normalisation removes the bias, but not exactly from averaged weights.
 */
const PIXEL_TOLERANCE = 1e-2;
/** Mean over the labels. */
const PRIOR_TOLERANCE = 1e-5;

const PORTS = [["tfjs", "webgpu"], ["tfjs", "cpu"], ["jax", "webgpu"], ["jax", "wasm"]];

function reference() {
    const script = fileURLToPath(new URL("reference.py", import.meta.url));
    const output = execFileSync(process.env.PYTHON ?? "python3", [script], { maxBuffer: 2 ** 28, encoding: "utf8" });
    return JSON.parse(output);
}

/** Runs a port's check in the page. Arrays are sent as JSON and become typed arrays there. */
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

/** The mean absolute difference; infinite if the lengths differ. */
const difference = (a, b) => (a.length === b.length
    ? a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length
    : Infinity);

/** The errors of a port, each with its name and tolerance. */
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
