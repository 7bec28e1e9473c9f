// When a measurement is over, and what came out: the same for every implementation.

/** Times what is repeated, from one end to the next, after a warm-up. */
export class Clock {
    milliseconds = [];
    #last;
    #warmUp;
    #steps;
    #limit;

    /** Measures `steps` after `warmUp` others; fewer, but two at least, where they take more than `seconds`. */
    constructor({ warmUp, steps, seconds }) {
        [this.#warmUp, this.#steps, this.#limit] = [warmUp, steps, 1000 * seconds];
    }

    /** To be called when a result has reached the host. */
    tick() {
        const now = performance.now();
        if (this.#warmUp > 0) {
            this.#warmUp -= 1;
        } else {
            this.milliseconds.push(now - this.#last);
        }
        this.#last = now;
    }

    get isOver() {
        const total = this.milliseconds.reduce((sum, time) => sum + time, 0);
        return this.milliseconds.length >= this.#steps || (this.milliseconds.length >= 2 && total >= this.#limit);
    }
}
