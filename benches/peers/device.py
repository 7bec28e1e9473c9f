"""Where PyTorch computes, and a clock that waits for it."""

import platform
import time

import torch


class Device:
    """Where to compute, by PyTorch's name for its kind."""

    def __init__(self, kind: str):
        self.kind, self.module = kind, getattr(torch, kind)
        backend = torch.backends.mps if kind == "mps" else self.module
        if not backend.is_available():
            raise SystemExit(f"step.py: --device {kind}: PyTorch {torch.__version__} finds no such device")

    def wait(self) -> None:
        """Waits until the device has done all that it was asked. A clock that is read before shows too little."""
        if self.kind != "cpu":
            self.module.synchronize()

    def name(self) -> str:
        if self.kind in ("cuda", "xpu"):
            return self.module.get_device_name()
        return platform.processor() or platform.machine()

    def layouts(self) -> dict[str, torch.memory_format]:
        both = {"channels last": torch.channels_last, "channels first": torch.contiguous_format}
        return {"channels last": torch.channels_last} if self.kind == "cpu" else both


def milliseconds(work, device: Device) -> float:
    device.wait()
    start = time.perf_counter()
    work()
    device.wait()
    return 1000 * (time.perf_counter() - start)


def repeated(step, times: int) -> None:
    for _ in range(times):
        step()
