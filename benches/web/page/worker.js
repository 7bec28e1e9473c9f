// Runs one task in a worker of its own, so that no device, heap or compiled shader is left to the next one.

const IMPLEMENTATIONS = ["slgan", "tfjs", "jax"];
const MODULES = { train: "bench.js", generate: "bench.js", check: "check.js" };

self.onmessage = async ({ data: { task, implementation, backend, options } }) => {
    try {
        if (!IMPLEMENTATIONS.includes(implementation) || !Object.hasOwn(MODULES, task)) {
            throw new Error(`there is no task ${task} of ${implementation}`);
        }
        const module = await import(`./${implementation}/${MODULES[task]}`);
        self.postMessage({ result: await module[task](backend, options) });
    } catch (error) {
        self.postMessage({ error: String(error?.message ?? error) });
    }
};
