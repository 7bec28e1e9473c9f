// Watches the WebGPU device that the wasm module opens.
//
// wgpu does not report a lost device and cannot register a new one in the same worker. So the only cure is a new
// worker, and the page must know. `self.slganDevice` holds the device, so that a test can destroy it.

/**
 * Wraps `requestDevice`. @param {(message: string, kind: "lost" | "memory" | "crash") => void} die
 * @returns {() => boolean} whether a device was lost
 */
export function guardDevices(die) {
  let lost = false;
  if (self.GPUAdapter) {
    const requestDevice = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...descriptor) {
      const device = await requestDevice.apply(this, descriptor);
      self.slganDevice = device;
      device.addEventListener("uncapturederror", (event) => {
        event.preventDefault();
        die(event.error.message, event.error instanceof GPUOutOfMemoryError ? "memory" : "crash");
      });
      device.lost.then(({ reason, message }) => {
        lost = true;
        die(message || reason, "lost");
      });
      return device;
    };
  }
  return () => lost;
}
