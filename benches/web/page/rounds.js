// Who is measured against whom, in turn: one round after the other, one worker at a time.

/** slgan comes first in each group: the others are compared with it. */
export const GROUPS = {
    webgpu: [["slgan", "webgpu"], ["tfjs", "webgpu"], ["jax", "webgpu"]],
    cpu: [["slgan", "cpu"], ["tfjs", "cpu"], ["tfjs", "wasm"], ["jax", "wasm"]],
};

export const NAMES = { slgan: "slgan", tfjs: "TensorFlow.js", jax: "jax-js" };

/** What is measured, and by what its table's numbers are called. */
export const TASKS = { train: "ms a step", generate: "images/s" };

/** `images` of the generator's pictures at a time: as many of each of the ten labels. */
export const DEFAULTS = { batch: 16, steps: 5, warmUp: 1, seconds: 8, rounds: 3, images: 60 };

/** No single turn may take longer. */
const LIMIT_SECONDS = 300;

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs a task in a worker; rejects with the worker's words, or when time is up. */
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
 * Rounds of one task in one group. Who fails is not asked again. Returns a row for each contender: the median
 * milliseconds of every round, or why there are none. `tell(words)` hears of each turn.
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

/** A group's rows with what a table shows: `value` in the task's unit, and how many times slgan's time they take. */
export function compared(task, rows, { images }) {
    const times = rows.map(({ rounds, error }) => (error === null ? median(rounds) : null));
    return rows.map((row, index) => ({
        ...row,
        value: times[index] && (task === "train" ? times[index] : (1000 * images) / times[index]),
        ratio: times[0] && times[index] && times[index] / times[0],
    }));
}

/** Cells of a table, headings first. */
export function table(task, rows) {
    const cells = rows.map(({ implementation, backend, value, ratio, error }) => [
        NAMES[implementation], backend,
        value ? value.toFixed(value < 100 ? 1 : 0) : `none: ${error}`,
        ratio ? ratio.toFixed(2) : "",
    ]);
    return [["implementation", "backend", TASKS[task], "times slgan's time"], ...cells];
}
