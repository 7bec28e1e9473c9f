// Runs an asynchronous action for the newest of many calls: at most one runs, and then the newest call that it missed.

/**
 * @template {any[]} T
 * @param {(...input: T) => Promise<void>} action @param {(error: unknown) => void} onError
 * @returns {(...input: T) => void}
 */
export function newest(action, onError) {
  let waiting = null;
  let busy = false;
  return async (...input) => {
    waiting = input;
    if (busy) return;
    busy = true;
    while (waiting) {
      const next = waiting;
      waiting = null;
      try {
        await action(...next);
      } catch (error) {
        onError(error);
      }
    }
    busy = false;
  };
}
