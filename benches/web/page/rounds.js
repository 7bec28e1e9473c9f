// Measures the implementations in turn: one round after the other, one worker at a time.

/** slgan is first in each group, because the others are compared with it. */
export const GROUPS = {
    webgpu: [["slgan", "webgpu"], ["tfjs", "webgpu"], ["jax", "webgpu"]],
    cpu: [["slgan", "cpu"], ["tfjs", "cpu"], ["tfjs", "wasm"], ["jax", "wasm"]],
};

export const NAMES = { slgan: "slgan", tfjs: "TensorFlow.js", jax: "jax-js" };

/** The tasks, with the units in their tables. */
export const TASKS = { train: "ms per step", generate: "images/s" };

/** The generator makes `images` pictures at a time, equally many of each of the ten labels. */
export const DEFAULTS = { batch: 16, steps: 5, warmUp: 1, seconds: 8, rounds: 3, images: 60 };

/** The limit for one turn. */
const LIMIT_SECONDS = 300;

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs a task in a worker. Rejects with the worker's error, or when time is up. */
export function runTask(task, implementation, backend, options) {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    return new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`did not finish within ${LIMIT_SECONDS} s`)), 1000 * LIMIT_SECONDS);
        worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.result));
        worker.onerror = (event) => reject(new Error(event.message ?? "the worker could not be started"));
        worker.postMessage({ task, implementation, backend, options });
    }).finally(() => worker.terminate());
}

/**
 * Runs the rounds of one task in one group, and calls `tell(words)` after each turn. Returns a row for each
 * implementation: the median milliseconds of every round, or its error. One that fails gets no further turn.
 */
export async function runRounds(task, group, options, tell) {
    const rows = GROUPS[group].map(
        ([implementation, backend]) => ({ implementation, backend, rounds: [], error: null }));
    for (let round = 1; round <= options.rounds; round++) {
        for (const row of rows.filter(({ error }) => error === null)) {
            const turn = `${task}, round ${round}, ${NAMES[row.implementation]} on ${row.backend}`;
            try {
                const { milliseconds, losses, device } = await runTask(task, row.implementation, row.backend, options);
                row.rounds.push(median(milliseconds));
                Object.assign(row, { losses, device });
                tell(`${turn}: ${median(milliseconds).toFixed(1)} ms (${milliseconds.length} measured)`);
            } catch (error) {
                row.error = error.message;
                tell(`${turn}: ${error.message}`);
            }
        }
    }
    return rows;
}

/** Adds `value`, in the task's unit, and `ratio`, the time relative to slgan's, to a group's rows. */
export function compared(task, rows, { images }) {
    const times = rows.map(({ rounds, error }) => (error === null ? median(rounds) : null));
    return rows.map((row, index) => ({
        ...row,
        value: times[index] && (task === "train" ? times[index] : (1000 * images) / times[index]),
        ratio: times[0] && times[index] && times[index] / times[0],
    }));
}

/** The cells of a table, headings first. */
export function table(task, rows) {
    const cells = rows.map(({ implementation, backend, value, ratio, error }) => [
        NAMES[implementation], backend,
        value ? value.toFixed(value < 100 ? 1 : 0) : `none: ${error}`,
        ratio ? ratio.toFixed(2) : "",
    ]);
    return [["implementation", "backend", TASKS[task], "times slgan's time"], ...cells];
}
