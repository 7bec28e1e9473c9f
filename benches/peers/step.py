"""slgan's training step in PyTorch, layer for layer: the same work, to compare speed.

The networks, losses, optimisers, averages and defaults are those of `slgan train --data glyphs --preset tiny` (or
`small`, or `cifar`): images 3x32x32, 10 artificial labels, batch 64, 1 % of the labels. Random numbers are PyTorch's,
and the images are synthetic, because no time depends on them. PyTorch uses its fastest ways to compute the same: fused
batch norm, Adam and averages, and the faster layout in memory. On the CPU that is channels last, which saves a quarter
of the time of `tiny`; on a GPU both are timed. On a GPU, images and random numbers never leave it.
"""

import argparse
import copy
import json
import math
import statistics
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from device import Device, milliseconds, repeated

CHANNELS, SIZE, CLASSES = 3, 32, 10
BATCH, LABELLED_BATCH = 64, 32
LATENT_DIM, RADIUS = 64, 1.5
BASE_SIZE = 4
DROPOUT, TAU, WARM_UP = 0.2, 0.9, 400
GENERATOR_WEIGHT, GENERATED_WEIGHT = 0.2, 0.1
CLASSIFIER_RATE = 5e-4
ADVERSARIAL_BETAS, CLASSIFIER_BETAS = (0.0, 0.9), (0.9, 0.999)
TEACHER_DECAY, PRIOR_DECAY = 0.99, 0.99
LEAK = 0.2
# Sides of the kernels of the strided trunks.
DISCRIMINATOR_KERNEL, CLASSIFIER_KERNEL = 4, 3
# How the generator's skips are enlarged: "nearest" or "bilinear".
SKIP_ENLARGEMENT = "bilinear"
# Blocks of a residual trunk that halve the size.
HALVINGS = 2
# Real images that the classifier sees are shifted by up to this many pixels, if it learns from self-labels.
REACH = SIZE // 8
IMAGES, LABELLED_IMAGES = 20_000, 200


@dataclass(frozen=True)
class Preset:
    generator_widths: tuple[int, ...]
    trunk_widths: tuple[int, ...]
    deep_blocks: bool
    # Parameters of generator, discriminator and classifier, counted by hand from the Rust sources.
    parameters: tuple[int, int, int]
    # Residual blocks instead of convolutions of stride 2, in discriminator and classifier.
    residual: bool = False
    latent_dim: int = LATENT_DIM
    # Discriminator updates per step.
    updates: int = 1
    # Of generator and discriminator.
    learning_rates: tuple[float, float] = (1e-3, 2e-3)
    generator_decay: float = 0.998


PRESETS = {
    "tiny": Preset((64, 32, 16, 16), (16, 32, 64), False, (95_539, 53_105, 33_834)),
    "small": Preset((256, 128, 64, 64), (64, 128, 256), True, (942_019, 703_937, 411_786)),
    "cifar": Preset(
        (256, 256, 256, 256),
        (128, 128, 128, 128),
        True,
        (4_276_739, 1_088_129, 1_088_010),
        residual=True,
        latent_dim=128,
        updates=5,
        learning_rates=(2e-4, 2e-4),
        generator_decay=0.9999,
    ),
}


class SpectralNorm(nn.Module):
    """Divides a weight by the estimate of its largest singular value. The power iteration is a separate call."""

    def __init__(self, weight: Tensor):
        super().__init__()
        rows = weight.flatten(1)
        self.register_buffer("left", F.normalize(torch.randn(rows.shape[0]), dim=0))
        self.register_buffer("right", F.normalize(torch.randn(rows.shape[1]), dim=0))

    @torch.no_grad()
    def iterate(self, weight: Tensor) -> None:
        rows = weight.flatten(1)
        self.right = F.normalize(rows.T @ self.left, dim=0)
        self.left = F.normalize(rows @ self.right, dim=0)

    def forward(self, weight: Tensor) -> Tensor:
        return weight / torch.dot(self.left, weight.flatten(1) @ self.right)


def initialize(weight: Tensor, gain: float) -> None:
    nn.init.normal_(weight, std=gain / math.sqrt(weight[0].numel()))


class Conv(nn.Conv2d):
    def __init__(self, channels: tuple[int, int], size: int, stride: int = 1, spectral: bool = False):
        super().__init__(*channels, size, stride, padding=(size - 1) // 2)
        initialize(self.weight, math.sqrt(2))
        nn.init.zeros_(self.bias)
        self.norm = SpectralNorm(self.weight) if spectral else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.norm(self.weight), self.bias, self.stride, self.padding)


class Linear(nn.Linear):
    def __init__(self, features: tuple[int, int], spectral: bool = False):
        super().__init__(*features)
        initialize(self.weight, 1.0)
        nn.init.zeros_(self.bias)
        self.norm = SpectralNorm(self.weight) if spectral else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.norm(self.weight), self.bias)


class Embedding(nn.Module):
    def __init__(self, labels: int, features: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(labels, features))
        initialize(self.weight, 1.0)
        self.norm = SpectralNorm(self.weight)

    def forward(self, labels: Tensor) -> Tensor:
        return labels @ self.norm(self.weight)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Keeps the statistics of the last batch (momentum 1), because the generator's average also averages them."""
    return nn.BatchNorm2d(channels, momentum=1.0)


class UpBlock(nn.Module):
    def __init__(self, channels: tuple[int, int], deep: bool):
        super().__init__()
        output = channels[1]
        self.norm, self.conv = batch_norm(channels[0]), Conv(channels, 3)
        self.deep = nn.Sequential(batch_norm(output), nn.ReLU(), Conv((output, output), 3)) if deep else nn.Identity()
        self.skip = Conv(channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        enlarged = F.interpolate(F.relu(self.norm(x)), scale_factor=2)
        return self.deep(self.conv(enlarged)) + F.interpolate(self.skip(x), scale_factor=2, mode=SKIP_ENLARGEMENT)


class Generator(nn.Module):
    def __init__(self, preset: Preset):
        super().__init__()
        widths = preset.generator_widths
        self.input = Linear((preset.latent_dim, widths[0] * BASE_SIZE**2))
        self.blocks = nn.Sequential(*(UpBlock(pair, preset.deep_blocks) for pair in zip(widths, widths[1:])))
        self.norm, self.output = batch_norm(widths[-1]), Conv((widths[-1], CHANNELS), 3)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.blocks(self.input(latents).view(len(latents), -1, BASE_SIZE, BASE_SIZE))
        return torch.tanh(self.output(F.relu(self.norm(x))))


def trunk(preset: Preset, kernel: int, spectral: bool) -> nn.Module:
    """Images to features, whose number is its field `features`."""
    return ResidualTrunk(preset, spectral) if preset.residual else StridedTrunk(preset, kernel, spectral)


class StridedTrunk(nn.Sequential):
    def __init__(self, preset: Preset, kernel: int, spectral: bool):
        widths = (CHANNELS, *preset.trunk_widths)
        convs = [Conv(pair, kernel, 2, spectral) for pair in zip(widths, widths[1:])]
        super().__init__(*(layer for conv in convs for layer in (conv, nn.LeakyReLU(LEAK))), nn.Flatten())
        side = SIZE
        for _ in convs:
            # Odd kernels round up.
            side = (side + kernel % 2) // 2
        self.features = widths[-1] * side**2


class DownBlock(nn.Module):
    """A residual block that may halve the size. The first one sees pixels, which no ReLU may clip."""

    def __init__(self, channels: tuple[int, int], halves: bool, starts: bool, spectral: bool):
        super().__init__()
        self.first = Conv(channels, 3, spectral=spectral)
        self.second = Conv((channels[1], channels[1]), 3, spectral=spectral)
        self.skip = Conv(channels, 1, spectral=spectral)
        self.shrink = nn.AvgPool2d(2) if halves else nn.Identity()
        self.start = nn.Identity() if starts else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        h = self.second(F.relu(self.first(self.start(x))))
        return self.shrink(h) + self.skip(self.shrink(x))


class ResidualTrunk(nn.Sequential):
    """Residual blocks, summed over positions."""

    def __init__(self, preset: Preset, spectral: bool):
        widths = (CHANNELS, *preset.trunk_widths)
        pairs = enumerate(zip(widths, widths[1:]))
        super().__init__(*(DownBlock(pair, i < HALVINGS, i == 0, spectral) for i, pair in pairs))
        self.features = widths[-1]

    def forward(self, images: Tensor) -> Tensor:
        return F.relu(super().forward(images)).sum((2, 3))


class Discriminator(nn.Module):
    def __init__(self, preset: Preset):
        super().__init__()
        self.trunk = trunk(preset, DISCRIMINATOR_KERNEL, spectral=True)
        self.output = Linear((self.trunk.features, 1), spectral=True)
        self.embedding = Embedding(CLASSES, self.trunk.features)

    def forward(self, images: Tensor, labels: Tensor, gate: Tensor) -> Tensor:
        features = self.trunk(images)
        return self.output(features) + gate * (features * self.embedding(labels)).sum(1, keepdim=True)

    def iterate(self) -> None:
        for layer in self.modules():
            if isinstance(getattr(layer, "norm", None), SpectralNorm):
                layer.norm.iterate(layer.weight)


class Classifier(nn.Module):
    def __init__(self, preset: Preset):
        super().__init__()
        self.trunk = trunk(preset, CLASSIFIER_KERNEL, spectral=False)
        self.output = Linear((self.trunk.features, CLASSES))

    def forward(self, images: Tensor, dropout: float = 0.0) -> Tensor:
        features = self.trunk(images)
        return self.output(F.dropout(features, dropout) if dropout > 0 else features)


@torch.no_grad()
def average(averaged: nn.Module, current: nn.Module, decay: float) -> None:
    """Averages batch norm's statistics like weights, but not its counters of batches."""
    of = lambda module: [value for value in module.state_dict().values() if value.is_floating_point()]
    torch._foreach_lerp_(of(averaged), of(current), 1 - decay)


def ramped(decay: float, step: int) -> float:
    return min(decay, (1 + step) / (10 + step))


class Trainer:
    """The state of training on the device of the images, in their layout; and the step.

    With `self_labels`, the classifier also learns from real images that pass the gate, and sees all real images
    shifted, as slgan does with few labels.
    """

    def __init__(self, preset: Preset, images: Tensor, classes: Tensor, self_labels: bool = False):
        self.preset, self.self_labels, self.device = preset, self_labels, images.device
        self.images, self.classes, self.step_number = images, classes, 0
        self.anchors = torch.linalg.qr(torch.randn(preset.latent_dim, CLASSES))[0].T.to(self.device)
        networks = (Generator(preset), Discriminator(preset), Classifier(preset))
        placed = (network.to(self.device, memory_format=layout_of(images)) for network in networks)
        self.generator, self.discriminator, self.classifier = placed
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.teacher = copy.deepcopy(self.classifier).requires_grad_(False)
        self.prior = torch.full((1, CLASSES), 1 / CLASSES, device=self.device)
        adam = lambda module, rate, betas: torch.optim.Adam(module.parameters(), rate, betas, eps=1e-8, fused=True)
        self.generator_adam = adam(self.generator, preset.learning_rates[0], ADVERSARIAL_BETAS)
        self.discriminator_adam = adam(self.discriminator, preset.learning_rates[1], ADVERSARIAL_BETAS)
        self.classifier_adam = adam(self.classifier, CLASSIFIER_RATE, CLASSIFIER_BETAS)

    def step(self) -> dict[str, Tensor]:
        for _ in range(self.preset.updates - 1):
            self.extra_update()
        indices, targets = self.integers(IMAGES, BATCH), self.integers(CLASSES, BATCH)
        generated = self.generator(self.latents(targets))
        fake = generated.detach()
        seen, real, uncorrected = self.labelled(indices, targets, fake)
        _, wanted, fake_gate = (part[BATCH:] for part in seen)
        losses = {
            "d": self.train_discriminator(*seen),
            "c": self.train_classifier(fake, targets, *real),
            "g": self.train_generator(generated, targets, wanted, fake_gate),
        }
        self.follow(uncorrected)
        self.step_number += 1
        return losses

    def extra_update(self) -> None:
        """An update of the discriminator with images of its own."""
        indices, targets = self.integers(IMAGES, BATCH), self.integers(CLASSES, BATCH)
        with torch.no_grad():
            fake = self.generator(self.latents(targets))
        self.train_discriminator(*self.labelled(indices, targets, fake)[0])

    @torch.no_grad()
    def labelled(self, indices: Tensor, targets: Tensor, fake: Tensor) -> tuple[tuple, tuple, Tensor]:
        """What the discriminator sees; the real images with labels and gate; the teacher's logits of them."""
        real, known = self.batch(indices), indices < LABELLED_IMAGES
        uncorrected = self.teacher(real)
        labels, gate = self.self_label(self.corrected(uncorrected), self.classes[indices], known)
        _, fake_gate = self.self_label(self.corrected(self.teacher(fake)), targets, torch.zeros_like(known))
        wanted = F.one_hot(targets, CLASSES).float()
        seen = (torch.cat(pair) for pair in ((real, fake), (labels, wanted), (gate, fake_gate)))
        return tuple(seen), (real, labels, gate), uncorrected

    def integers(self, below: int, count: int) -> Tensor:
        return torch.randint(below, (count,), device=self.device)

    def latents(self, targets: Tensor) -> Tensor:
        """Latents of given labels. Their noise is orthogonal to all anchors."""
        noise = torch.randn(len(targets), self.preset.latent_dim, device=self.device)
        return RADIUS * self.anchors[targets] + noise - noise @ self.anchors.T @ self.anchors

    def batch(self, indices: Tensor) -> Tensor:
        return self.images[indices].float() / 127.5 - 1

    def corrected(self, logits: Tensor) -> Tensor:
        return logits - self.prior.clamp_min(1e-3).log()

    def self_label(self, logits: Tensor, classes: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """One-hot labels, and the gate `[batch, 1]`, which is shut until the end of the warm-up."""
        confidence, labels = logits.softmax(1).max(1)
        labels = F.one_hot(torch.where(known, classes, labels), CLASSES).float()
        gate = ((confidence >= TAU) | known) & (self.step_number >= WARM_UP)
        return labels, gate.float()[:, None]

    def train_discriminator(self, images: Tensor, labels: Tensor, gate: Tensor) -> Tensor:
        self.discriminator.iterate()
        real, fake = self.discriminator(images, labels, gate).split(BATCH)
        loss = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        return self.update(self.discriminator_adam, loss)

    def train_classifier(self, fake: Tensor, targets: Tensor, real: Tensor, labels: Tensor, gate: Tensor) -> Tensor:
        indices = self.integers(LABELLED_IMAGES, LABELLED_BATCH)
        loss = GENERATED_WEIGHT * F.cross_entropy(self.classifier(fake, DROPOUT), targets)
        shift = shifted if self.self_labels else nn.Identity()
        logits = self.classifier(shift(self.batch(indices)), DROPOUT)
        loss = loss + F.cross_entropy(logits, self.classes[indices])
        if self.self_labels:
            surprise = F.cross_entropy(self.classifier(shifted(real), DROPOUT), labels, reduction="none")
            loss = loss + (surprise * gate[:, 0]).mean()
        return self.update(self.classifier_adam, loss)

    def train_generator(self, generated: Tensor, targets: Tensor, wanted: Tensor, gate: Tensor) -> Tensor:
        """The gradient passes through the updated discriminator and classifier, but not to their weights."""
        self.discriminator.requires_grad_(False)
        self.classifier.requires_grad_(False)
        loss = -self.discriminator(generated, wanted, gate).mean()
        loss = loss + GENERATOR_WEIGHT * F.cross_entropy(self.classifier(generated), targets)
        result = self.update(self.generator_adam, loss)
        self.discriminator.requires_grad_(True)
        self.classifier.requires_grad_(True)
        return result

    @staticmethod
    def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> Tensor:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def follow(self, real_logits: Tensor) -> None:
        step = self.step_number
        average(self.average, self.generator, ramped(self.preset.generator_decay, step))
        average(self.teacher, self.classifier, ramped(TEACHER_DECAY, step))
        self.prior.lerp_(real_logits.softmax(1).mean(0, keepdim=True), 1 - ramped(PRIOR_DECAY, step))


def synthetic() -> tuple[Tensor, Tensor]:
    """Images with a bright bar, whose height shows the class, on noise of a random colour."""
    classes = torch.arange(IMAGES) % CLASSES
    images = torch.rand(IMAGES, CHANNELS, 1, 1) * 150 + torch.rand(IMAGES, 1, SIZE, SIZE) * 40
    bars = (torch.arange(SIZE)[None, :] // 3 == classes[:, None]).float()
    images += 60 * bars[:, None, :, None]
    return images.to(torch.uint8, memory_format=torch.channels_last), classes


def shifted(images: Tensor) -> Tensor:
    """Each image by whole pixels of its own. Pixels from outside are 0."""
    shifts = torch.randint(0, 2 * REACH + 1, (2, len(images), 1), device=images.device)
    rows, columns = torch.arange(SIZE, device=images.device) + shifts
    batch = torch.arange(len(images), device=images.device)[:, None, None]
    # Indices first and channels last: that is what indexing makes, and no copy if images have this layout.
    windows = F.pad(images, (REACH,) * 4).permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None, :]]
    return windows.permute(0, 3, 1, 2).contiguous(memory_format=layout_of(images))


def layout_of(images: Tensor) -> torch.memory_format:
    is_last = images.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if is_last else torch.contiguous_format


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@dataclass
class Timing:
    """Milliseconds: the median of steps that each wait for the device, and the mean of steps that do not."""

    waiting: float
    queued: float
    losses: dict[str, float]
    parameters: tuple[int, int, int]


def measured(trainer: Trainer, device: Device, warm_up: int, steps: int) -> Timing:
    parameters = tuple(map(count, (trainer.generator, trainer.discriminator, trainer.classifier)))
    expected = trainer.preset.parameters
    assert parameters == expected, f"{parameters} parameters instead of {expected}"
    repeated(trainer.step, warm_up)
    waiting = statistics.median(milliseconds(trainer.step, device) for _ in range(steps))
    queued = milliseconds(partial(repeated, trainer.step, steps), device) / steps if device.kind != "cpu" else waiting
    losses = {name: round(loss.item(), 4) for name, loss in trainer.step().items()}
    assert all(map(math.isfinite, losses.values())), f"diverged: {losses}"
    return Timing(round(waiting, 3), round(queued, 3), losses, parameters)


def profiled(trainer: Trainer, device: Device, warm_up: int, steps: int) -> str:
    repeated(trainer.step, warm_up)
    kinds = {"cpu": ProfilerActivity.CPU, "cuda": ProfilerActivity.CUDA, "xpu": getattr(ProfilerActivity, "XPU", None)}
    activities = {ProfilerActivity.CPU, kinds.get(device.kind) or ProfilerActivity.CPU}
    with profile(activities=list(activities)) as profiler:
        repeated(trainer.step, steps)
        device.wait()
    on = device.kind if device.kind in ("cuda", "xpu") else "cpu"
    return profiler.key_averages().table(sort_by=f"self_{on}_time_total", row_limit=12)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--device", choices=("cpu", "cuda", "mps", "xpu"), default="cpu")
    parser.add_argument("--tf32", action="store_true", help="allow NVIDIA's matrix units, which round float32")
    parser.add_argument("--self-labels", action="store_true", help="the loss on self-labels and the shifts, too")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=50, help="measured steps")
    parser.add_argument("--warm-up", type=int, default=10, help="steps before the measured ones")
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--profile", action="store_true", help="print a profile instead")
    return parser.parse_args()


def settle(options: argparse.Namespace) -> None:
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    # All shapes stay the same, so the search for the fastest algorithms pays.
    torch.backends.cudnn.benchmark = True


def main() -> None:
    options = parsed()
    settle(options)
    device = Device(options.device)
    images, classes = (tensor.to(device.kind) for tensor in synthetic())

    def trainer(layout: torch.memory_format) -> Trainer:
        placed = images.contiguous(memory_format=layout)
        return Trainer(PRESETS[options.preset], placed, classes, options.self_labels)

    if options.profile:
        print(profiled(trainer(torch.channels_last), device, options.warm_up, options.steps))
        return
    timings = {
        name: measured(trainer(layout), device, options.warm_up, options.steps)
        for name, layout in device.layouts().items()
    }
    layout, timing = min(timings.items(), key=lambda item: item[1].queued)
    result = {
        "preset": options.preset,
        "device": device.kind,
        "device_name": device.name(),
        "dtype": "float32",
        "tf32": options.tf32,
        "self_labels": options.self_labels,
        "layout": layout,
        "threads": options.threads,
        "steps": options.steps,
        "milliseconds_per_step": timing.waiting,
        "milliseconds_per_queued_step": timing.queued,
        "parameters": dict(zip(("generator", "discriminator", "classifier"), timing.parameters)),
        "losses": timing.losses,
        "torch": torch.__version__,
    }
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
