// slgan's part of the benchmark: the module of its web page, as visitors get it.

import init, * as slgan from "/dist/slgan.js";

import { Clock } from "../clock.js";
import { CLASSES } from "../model/sizes.js";

/**
 * Without the gate's warm-up, and with skips that become squares, as in the peers. The run reports the losses after
 * every step, and nothing else.
 */
const settings = (batch) => JSON.stringify(Object.entries({
    "data": "glyphs", "preset": "tiny", "seed": "0", "generator.enlargement": "nearest", "batch": `${batch}`,
    "steps": "1000000", "gate.warm_up": "0", "report.log_every": "1", "report.sample_every": "0",
    "report.evaluate_every": "0", "report.checkpoint_every": "0",
}));

async function open(backend, { batch }) {
    await init({ module_or_path: new URL("/dist/slgan_bg.wasm", self.location) });
    const device = JSON.parse(await slgan.open(backend === "webgpu" ? "gpu" : "cpu"));
    return { run: new slgan.Run(settings(batch)), device: device.name };
}

/** Times training steps on a backend. The event of a step arrives when the host has read its losses. */
export async function train(backend, options) {
    const { run, device } = await open(backend, options);
    const clock = new Clock(options);
    let losses;
    await run.train((json) => {
        const event = JSON.parse(json);
        if (event.event !== "step" || clock.isOver) {
            return;
        }
        clock.tick();
        losses = [event.d_loss, event.c_loss, event.g_loss];
        if (clock.isOver) {
            run.stop();
        }
    });
    return { milliseconds: clock.milliseconds, losses, device };
}

/** Times pictures on a backend, as RGBA bytes, equally many of each label. */
export async function generate(backend, options) {
    const { run, device } = await open(backend, options);
    const model = run.model();
    const clock = new Clock(options);
    for (let seed = 0; !clock.isOver; seed++) {
        await model.rows(options.images / CLASSES, 1, seed);
        clock.tick();
    }
    return { milliseconds: clock.milliseconds, device };
}
