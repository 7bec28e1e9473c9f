// Runs one task in its own worker, so that the next one inherits no device, heap or compiled shader.

const IMPLEMENTATIONS = ["slgan", "tfjs", "jax"];
const MODULES = { train: "bench.js", generate: "bench.js", check: "check.js" };

self.onmessage = async ({ data: { task, implementation, backend, options } }) => {
    try {
        if (!IMPLEMENTATIONS.includes(implementation) || !Object.hasOwn(MODULES, task)) {
            throw new Error(`${implementation} has no task ${task}`);
        }
        const module = await import(`./${implementation}/${MODULES[task]}`);
        self.postMessage({ result: await module[task](backend, options) });
    } catch (error) {
        self.postMessage({ error: String(error?.message ?? error) });
    }
};
