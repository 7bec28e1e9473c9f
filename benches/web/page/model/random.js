// Random numbers from a seed, so that two runs do the same work. Any generator would do.

/** Numbers from 0 to 1 (mulberry32). */
export function uniforms(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** A standard normal number (Box and Muller). */
export function normal(uniform) {
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A whole number from 0 to `end - 1`. */
export function below(uniform, end) {
    return Math.floor(uniform() * end);
}
