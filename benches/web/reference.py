"""The results that both ports must reproduce: a few steps in PyTorch, as JSON on standard output.

The networks, the phases of discriminator and generator, and the averages come from ../peers/step.py. This file adds
the parts of slgan's step that are missing there: the loss on self-labels that pass the gate, and the shifts.
"""

import json
import re
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
import step as peer

STEPS, PICTURES = 4, 5
GENERATED_WEIGHT = 0.1
peer.BATCH, peer.IMAGES, peer.LABELLED_IMAGES = 6, 60, 20
peer.SKIP_ENLARGEMENT, peer.WARM_UP = "nearest", 0
REACH = peer.SIZE // 8


class BatchNorm(nn.BatchNorm2d):
    """Keeps the biased variance, as slgan does. PyTorch normalises with it, but keeps the unbiased one."""

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        if self.training:
            count = x.numel() // x.shape[1]
            self.running_var = self.running_var * (count - 1) / count
        return y


peer.batch_norm = lambda channels: BatchNorm(channels, momentum=1.0)


def shifted(images: Tensor, shifts: Tensor) -> Tensor:
    """Row i comes from row i + down, column j from column j - right. Pixels from outside are 0."""
    padded = F.pad(images, (REACH,) * 4)
    windows = []
    for image, (down, right) in zip(padded, shifts.tolist()):
        y, x = REACH + down, REACH - right
        windows.append(image[:, y : y + peer.SIZE, x : x + peer.SIZE])
    return torch.stack(windows)


class Trainer(peer.Trainer):
    """Performs steps on given draws, and records the gate of images without a manual label."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.passed, self.fake_passed = [], []

    def draw(self) -> dict[str, Tensor]:
        lessons = peer.LABELLED_BATCH + peer.BATCH
        targets = torch.randint(peer.CLASSES, (peer.BATCH,))
        dropout = torch.rand(peer.BATCH + lessons, self.classifier.trunk.features) >= peer.DROPOUT
        return {
            "indices": torch.randint(peer.IMAGES, (peer.BATCH,)),
            "labelledIndices": torch.randint(peer.LABELLED_IMAGES, (peer.LABELLED_BATCH,)),
            "targets": targets,
            "latents": self.latents(targets),
            "shifts": torch.randint(-REACH, REACH + 1, (lessons, 2)),
            "dropout": dropout.float() / (1 - peer.DROPOUT),
        }

    def step(self, draws: dict[str, Tensor]) -> list[float]:
        real, known = self.batch(draws["indices"]), draws["indices"] < peer.LABELLED_IMAGES
        targets = draws["targets"]
        wanted = F.one_hot(targets, peer.CLASSES).float()
        generated = self.generator(draws["latents"])
        fake = generated.detach()
        with torch.no_grad():
            uncorrected = self.teacher(real)
            labels, gate = self.self_label(self.corrected(uncorrected), self.classes[draws["indices"]], known)
            _, fake_gate = self.self_label(self.corrected(self.teacher(fake)), targets, torch.zeros_like(known))
        self.passed += gate[~known].flatten().tolist()
        self.fake_passed += fake_gate.flatten().tolist()
        both = (torch.cat(pair) for pair in ((real, fake), (labels, wanted), (gate, fake_gate)))
        losses = [
            self.train_discriminator(*both),
            self.train_classifier(fake, real, labels, gate, draws),
            self.train_generator(generated, targets, wanted, fake_gate),
        ]
        self.follow(uncorrected)
        self.step_number += 1
        return [loss.item() for loss in losses]

    def train_classifier(self, fake: Tensor, real: Tensor, labels: Tensor, gate: Tensor, draws: dict) -> Tensor:
        count = (len(fake), peer.LABELLED_BATCH, len(real))
        drops, shifts = draws["dropout"].split(count), draws["shifts"].split(count[1:])
        logits = lambda images, drop: self.classifier.output(self.classifier.trunk(images) * drop)
        manual = self.batch(draws["labelledIndices"])
        manual_classes = self.classes[draws["labelledIndices"]]
        loss = GENERATED_WEIGHT * F.cross_entropy(logits(fake, drops[0]), draws["targets"])
        loss = loss + F.cross_entropy(logits(shifted(manual, shifts[0]), drops[1]), manual_classes)
        surprise = F.cross_entropy(logits(shifted(real, shifts[1]), drops[2]), labels, reduction="none")
        return self.update(self.classifier_adam, loss + (surprise * gate[:, 0]).mean())


@torch.no_grad()
def unsettle(trainer: Trainer) -> None:
    """Changes the initial weights, so that correct implementations cannot differ."""
    # Makes the untrained classifier so confident that some images pass the gate and others do not.
    trainer.classifier.output.weight *= 30
    # Without biases, activations of the pixels from outside would be exactly at the kink of the leaky ReLU.
    for layer in trainer.classifier.trunk:
        if isinstance(layer, nn.Conv2d):
            layer.bias.normal_(std=0.1)
    trainer.teacher.load_state_dict(trainer.classifier.state_dict())
    # Moves some scores beyond the hinge. Otherwise this bias has a gradient of 0, except for rounding errors, and
    # Adam's first steps are as long as the learning rate, however small the gradient.
    trainer.discriminator.output.bias += 1


RENAMED = (
    (r"trunk\.(\d+)", lambda match: f"trunk.convs.{int(match[1]) // 2}"),
    (r"norm\.weight$", "norm.scale"),
    (r"norm\.bias$", "norm.shift"),
    (r"running_mean$", "mean"),
    (r"running_var$", "variance"),
)


def weights(network: nn.Module) -> dict[str, list[float]]:
    """Flat parameters by slgan's names."""
    found = {}
    for name, value in network.state_dict().items():
        for pattern, replacement in RENAMED:
            name = re.sub(pattern, replacement, name)
        if value.is_floating_point():
            found[name] = value.flatten().tolist()
    return found


def flat(tensors: dict[str, Tensor]) -> dict[str, list]:
    return {name: tensor.flatten().tolist() for name, tensor in tensors.items()}


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    images, classes = peer.synthetic()
    trainer = Trainer(peer.PRESETS["tiny"], images, classes)
    unsettle(trainer)
    networks = ("generator", "discriminator", "classifier")
    result = {
        "weights": {name: weights(getattr(trainer, name)) for name in networks},
        "images": {"pixels": images.flatten().tolist(), "classes": classes.tolist(), "labelled": peer.LABELLED_IMAGES},
        "steps": [],
        "losses": [],
    }
    for _ in range(STEPS):
        draws = trainer.draw()
        result["steps"].append(flat(draws))
        result["losses"].append(trainer.step(draws))
    assert set(trainer.passed) == set(trainer.fake_passed) == {0, 1}, "some images must pass the gate, but not all"
    latents = torch.randn(PICTURES, peer.LATENT_DIM)
    with torch.no_grad():
        pictures = trainer.average.eval()(latents)
    result |= flat({"latents": latents, "pictures": pictures, "prior": trainer.prior})
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
