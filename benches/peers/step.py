"""slgan's training step in PyTorch, layer for layer: the same work, to compare speed.

The networks, losses, optimisers, averages and defaults are those of `slgan train --data glyphs --preset tiny` (or
`small`): images 3x32x32, 10 artificial labels, batch 64, 1 % of the labels. Random numbers are PyTorch's, and the
images are synthetic, because no time depends on them. PyTorch uses its fastest ways to compute the same: fused batch
norm, Adam and averages, and channels last in memory, which saves a quarter of the time of `tiny`.
"""

import argparse
import copy
import json
import math
import statistics
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

CHANNELS, SIZE, CLASSES = 3, 32, 10
BATCH, LABELLED_BATCH = 64, 32
LATENT_DIM, RADIUS = 64, 1.5
BASE_SIZE = 4
DROPOUT, TAU, WARM_UP = 0.2, 0.9, 400
GENERATOR_WEIGHT, GENERATED_WEIGHT = 0.2, 0.1
GENERATOR_RATE, DISCRIMINATOR_RATE, CLASSIFIER_RATE = 1e-3, 2e-3, 5e-4
ADVERSARIAL_BETAS, CLASSIFIER_BETAS = (0.0, 0.9), (0.9, 0.999)
GENERATOR_DECAY, TEACHER_DECAY, PRIOR_DECAY = 0.998, 0.99, 0.99
LEAK = 0.2
# Sides of the kernels of the trunks, which have stride 2.
DISCRIMINATOR_KERNEL, CLASSIFIER_KERNEL = 3, 3
# How the generator's skips are enlarged: "nearest" or "bilinear".
SKIP_ENLARGEMENT = "bilinear"
IMAGES, LABELLED_IMAGES = 20_000, 200


@dataclass(frozen=True)
class Preset:
    generator_widths: tuple[int, ...]
    trunk_widths: tuple[int, ...]
    deep_blocks: bool
    # Parameters of generator, discriminator and classifier, counted by hand from the Rust sources.
    parameters: tuple[int, int, int]


PRESETS = {
    "tiny": Preset((64, 32, 16, 16), (16, 32, 64), False, (95_539, 53_105, 33_834)),
    "small": Preset((256, 128, 64, 64), (64, 128, 256), True, (942_019, 703_937, 411_786)),
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
        self.input = Linear((LATENT_DIM, widths[0] * BASE_SIZE**2))
        self.blocks = nn.Sequential(*(UpBlock(pair, preset.deep_blocks) for pair in zip(widths, widths[1:])))
        self.norm, self.output = batch_norm(widths[-1]), Conv((widths[-1], CHANNELS), 3)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.blocks(self.input(latents).view(len(latents), -1, BASE_SIZE, BASE_SIZE))
        return torch.tanh(self.output(F.relu(self.norm(x))))


class Trunk(nn.Sequential):
    def __init__(self, preset: Preset, kernel: int, spectral: bool):
        widths = (CHANNELS, *preset.trunk_widths)
        convs = [Conv(pair, kernel, 2, spectral) for pair in zip(widths, widths[1:])]
        super().__init__(*(layer for conv in convs for layer in (conv, nn.LeakyReLU(LEAK))), nn.Flatten())
        side = SIZE
        for _ in convs:
            # Odd kernels round up.
            side = (side + kernel % 2) // 2
        self.features = widths[-1] * side**2


class Discriminator(nn.Module):
    def __init__(self, preset: Preset):
        super().__init__()
        self.trunk = Trunk(preset, DISCRIMINATOR_KERNEL, spectral=True)
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
        self.trunk = Trunk(preset, CLASSIFIER_KERNEL, spectral=False)
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
    """The state of training, and the step."""

    def __init__(self, preset: Preset, images: Tensor, classes: Tensor):
        self.images, self.classes, self.step_number = images, classes, 0
        self.anchors = torch.linalg.qr(torch.randn(LATENT_DIM, CLASSES))[0].T
        networks = (Generator(preset), Discriminator(preset), Classifier(preset))
        self.generator, self.discriminator, self.classifier = (n.to(memory_format=torch.channels_last) for n in networks)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.teacher = copy.deepcopy(self.classifier).requires_grad_(False)
        self.prior = torch.full((1, CLASSES), 1 / CLASSES)
        adam = lambda module, rate, betas: torch.optim.Adam(module.parameters(), rate, betas, eps=1e-8, fused=True)
        self.generator_adam = adam(self.generator, GENERATOR_RATE, ADVERSARIAL_BETAS)
        self.discriminator_adam = adam(self.discriminator, DISCRIMINATOR_RATE, ADVERSARIAL_BETAS)
        self.classifier_adam = adam(self.classifier, CLASSIFIER_RATE, CLASSIFIER_BETAS)

    def step(self) -> dict[str, Tensor]:
        indices = torch.randint(IMAGES, (BATCH,))
        real, known = self.batch(indices), indices < LABELLED_IMAGES
        targets = torch.randint(CLASSES, (BATCH,))
        latents = self.latents(targets)
        wanted = F.one_hot(targets, CLASSES).float()
        generated = self.generator(latents)
        fake = generated.detach()

        with torch.no_grad():
            uncorrected = self.teacher(real)
            real_labels, real_gate = self.self_label(self.corrected(uncorrected), self.classes[indices], known)
            _, fake_gate = self.self_label(self.corrected(self.teacher(fake)), targets, torch.zeros_like(known))

        both = (torch.cat(pair) for pair in ((real, fake), (real_labels, wanted), (real_gate, fake_gate)))
        losses = {
            "d": self.train_discriminator(*both),
            "c": self.train_classifier(fake, targets),
            "g": self.train_generator(generated, targets, wanted, fake_gate),
        }
        self.follow(uncorrected)
        self.step_number += 1
        return losses

    def latents(self, targets: Tensor) -> Tensor:
        """Latents of given labels. Their noise is orthogonal to all anchors."""
        noise = torch.randn(len(targets), LATENT_DIM)
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

    def train_classifier(self, fake: Tensor, targets: Tensor) -> Tensor:
        indices = torch.randint(LABELLED_IMAGES, (LABELLED_BATCH,))
        loss = GENERATED_WEIGHT * F.cross_entropy(self.classifier(fake, DROPOUT), targets)
        loss = loss + F.cross_entropy(self.classifier(self.batch(indices), DROPOUT), self.classes[indices])
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
        average(self.average, self.generator, ramped(GENERATOR_DECAY, step))
        average(self.teacher, self.classifier, ramped(TEACHER_DECAY, step))
        self.prior.lerp_(real_logits.softmax(1).mean(0, keepdim=True), 1 - ramped(PRIOR_DECAY, step))


def synthetic() -> tuple[Tensor, Tensor]:
    """Images with a bright bar, whose height shows the class, on noise of a random colour."""
    classes = torch.arange(IMAGES) % CLASSES
    images = torch.rand(IMAGES, CHANNELS, 1, 1) * 150 + torch.rand(IMAGES, 1, SIZE, SIZE) * 40
    bars = (torch.arange(SIZE)[None, :] // 3 == classes[:, None]).float()
    images += 60 * bars[:, None, :, None]
    return images.to(torch.uint8, memory_format=torch.channels_last), classes


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def timed(step, repeats: int) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=50, help="measured steps")
    parser.add_argument("--warm-up", type=int, default=10, help="steps before the measured ones")
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--profile", action="store_true", help="print a profile instead")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    preset = PRESETS[options.preset]
    trainer = Trainer(preset, *synthetic())
    parameters = tuple(map(count, (trainer.generator, trainer.discriminator, trainer.classifier)))
    assert parameters == preset.parameters, f"{parameters} parameters instead of {preset.parameters}"
    timed(trainer.step, options.warm_up)
    if options.profile:
        with profile(activities=[ProfilerActivity.CPU]) as profiler:
            timed(trainer.step, options.steps)
        print(profiler.key_averages().table(sort_by="self_cpu_time_total", row_limit=12))
        return
    times = timed(trainer.step, options.steps)
    losses = {name: round(loss.item(), 4) for name, loss in trainer.step().items()}
    assert all(map(math.isfinite, losses.values())), f"diverged: {losses}"

    result = {
        "preset": options.preset,
        "threads": options.threads,
        "steps": options.steps,
        "milliseconds_per_step": round(statistics.median(times), 3),
        "parameters": dict(zip(("generator", "discriminator", "classifier"), parameters)),
        "losses": losses,
        "torch": torch.__version__,
    }
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:22} {value}")


if __name__ == "__main__":
    main()
