"""Times Inception's features in slgan and in pytorch-fid: the same weights, images and threads, on the CPU.

    python compare.py path/to/slgan [images]

Needs torch, torchvision, pytorch-fid and numpy. The weights are random, so the scores have no meaning; the script
checks that both Frechet distances agree to 1e-3 all the same.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from pytorch_fid.inception import FIDInceptionA, FIDInceptionC, FIDInceptionE_1, FIDInceptionE_2, _inception_v3

SIDE, BATCH, THREADS = 32, 50, 2


def network():
    """As pytorch_fid.inception.fid_inception_v3, without the file of weights."""
    torch.manual_seed(0)
    net = _inception_v3(num_classes=1008, aux_logits=False, weights=None)
    net.Mixed_5b = FIDInceptionA(192, pool_features=32)
    net.Mixed_5c = FIDInceptionA(256, pool_features=64)
    net.Mixed_5d = FIDInceptionA(288, pool_features=64)
    net.Mixed_6b = FIDInceptionC(768, channels_7x7=128)
    net.Mixed_6c = FIDInceptionC(768, channels_7x7=160)
    net.Mixed_6d = FIDInceptionC(768, channels_7x7=160)
    net.Mixed_6e = FIDInceptionC(768, channels_7x7=192)
    net.Mixed_7b = FIDInceptionE_1(1280)
    net.Mixed_7c = FIDInceptionE_2(2048)
    return net.eval()


def features(net, images):
    kept = []
    hook = net.avgpool.register_forward_hook(lambda module, inputs, output: kept.append(output.flatten(1).numpy()))
    with torch.no_grad():
        for batch in torch.from_numpy(images).permute(0, 3, 1, 2).split(BATCH):
            x = torch.nn.functional.interpolate(batch / 255.0, size=(299, 299), mode="bilinear", align_corners=False)
            net(2 * x - 1)
    hook.remove()
    return np.concatenate(kept).astype(np.float64)


def main():
    program, count = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    torch.set_num_threads(THREADS)
    draws = np.random.default_rng(0)
    sets = [draws.integers(0, high, (count, SIDE, SIDE, 3), dtype=np.uint8) for high in (256, 200)]
    net = network()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        torch.save(net.state_dict(), folder / "weights.pth")
        for name, images in zip(("real", "made"), sets):
            np.savez(folder / f"{name}.npz", images)
        start = time.monotonic()
        of_real, of_made = (features(net, images) for images in sets)
        peer = time.monotonic() - start
        statistics = [(x.mean(axis=0), np.cov(x, rowvar=False)) for x in (of_real, of_made)]
        np.savez(folder / "statistics.npz", mu=statistics[0][0], sigma=statistics[0][1])
        call = [program, "eval", "made.npz", "--statistics", "statistics.npz", "--metrics", "fid", "--json"]
        call += ["--inception", "weights.pth", "--device", "cpu"]
        start = time.monotonic()
        environment = os.environ | {"RAYON_NUM_THREADS": str(THREADS)}
        output = subprocess.run(call, cwd=folder, check=True, capture_output=True, env=environment)
        ours = time.monotonic() - start
    expected = calculate_frechet_distance(*statistics[0], *statistics[1])
    found = json.loads(output.stdout)["scores"]["frechet_distance"]
    assert abs(found - expected) < 1e-3 * expected, (found, expected)
    print(f"pytorch-fid {2 * count / peer:.1f} images/s (features alone)")
    print(f"slgan       {count / ours:.1f} images/s (the whole call, with loading the weights and the distance)")


if __name__ == "__main__":
    main()
