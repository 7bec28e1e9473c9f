// Times a measurement and decides when it is over, the same for every implementation.

/** Times repeated work after a warm-up, from one end to the next. */
export class Clock {
    milliseconds = [];
    #last;
    #warmUp;
    #steps;
    #limit;

    /** Measures `steps` steps after `warmUp` others; fewer if they take more than `seconds`, but at least two. */
    constructor({ warmUp, steps, seconds }) {
        [this.#warmUp, this.#steps, this.#limit] = [warmUp, steps, 1000 * seconds];
    }

    /** Call it when a result has reached the host. */
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
