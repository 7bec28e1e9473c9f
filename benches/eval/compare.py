"""Times Inception's features in slgan and in pytorch-fid on the CPU, and prints a Markdown table.

    python3 benches/eval/compare.py path/to/slgan [images]

Weights, images, batch and threads are the same: the weights come from the formula of tests/reference/inception.py, the
images are noise of 32 pixels, which both enlarge to 299. The two take turns; figures are medians of three rounds. A
call of slgan also starts, loads weights and computes scores, so the time of an image comes from the difference between
a call with all images and one with a few. Ends with an error if the Frechet distances of both differ by more than 1e-3.

Needs numpy, scipy, scikit-learn, torch, torchvision and pytorch-fid.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytorch_fid.inception
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "reference"))
import inception

# slgan passes this many images through Inception at once.
SIDE, BATCH = 32, 20
THREADS, ROUNDS = (1, 2), 3


def peer(state):
    """The network that pytorch-fid uses, with these weights in place of the file that it would download."""
    pytorch_fid.inception.load_state_dict_from_url = lambda *_, **__: state
    return pytorch_fid.inception.InceptionV3().eval()


def features(net, images):
    with torch.no_grad():
        batches = (torch.from_numpy(images).permute(0, 3, 1, 2) / 255).split(BATCH)
        return np.concatenate([net(batch)[0].flatten(1).numpy() for batch in batches]).astype(np.float64)


def frechet(x, y):
    """Exact for few images: tr (S1 S2)^(1/2) is the nuclear norm of A B^T, with S1 = A^T A and S2 = B^T B."""
    a, b = ((z - z.mean(axis=0)) / np.sqrt(len(z) - 1) for z in (x, y))
    means = np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
    return means + np.sum(a * a) + np.sum(b * b) - 2 * np.linalg.svd(a @ b.T, compute_uv=False).sum()


def ours(program, folder, name, metrics, threads):
    call = [program, "eval", f"{name}.npz", "--statistics", "statistics.npz", "--metrics", metrics, "--json"]
    call += ["--inception", "weights.pth", "--device", "cpu"]
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    return json.loads(subprocess.run(call, cwd=folder, check=True, stdout=subprocess.PIPE, env=environment).stdout)


def seconds(work):
    start = time.monotonic()
    work()
    return time.monotonic() - start


def rates(program, folder, net, images, threads):
    """Images per second of slgan and of pytorch-fid."""
    torch.set_num_threads(threads)
    few = 2 * BATCH
    features(net, images[:few])
    pairs = []
    for _ in range(ROUNDS):
        all_, some = (seconds(lambda: ours(program, folder, name, "is", threads)) for name in ("made", "few"))
        pairs.append(((len(images) - few) / (all_ - some), len(images) / seconds(lambda: features(net, images))))
    return [statistics.median(rate) for rate in zip(*pairs)]


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.processor())


def main():
    program, count = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    if count <= 2 * BATCH:
        sys.exit(f"images: expected more than {2 * BATCH}, found {count}")
    draws = np.random.default_rng(0)
    real, made = (draws.integers(0, high, (count, SIDE, SIDE, 3), dtype=np.uint8) for high in (256, 200))
    formula = inception.network()
    inception.fill(formula)
    net = peer(formula.state_dict())
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        torch.save(formula.state_dict(), folder / "weights.pth")
        np.savez(folder / "made.npz", made)
        np.savez(folder / "few.npz", made[: 2 * BATCH])
        torch.set_num_threads(max(THREADS))
        of_real, of_made = features(net, real), features(net, made)
        np.savez(folder / "statistics.npz", mu=of_real.mean(axis=0), sigma=np.cov(of_real, rowvar=False))
        expected = frechet(of_real, of_made)
        found = ours(program, folder, "made", "fid", max(THREADS))["scores"]["frechet_distance"]
        if abs(found - expected) > 1e-3 * expected:
            sys.exit(f"Frechet distances differ: slgan {found}, pytorch-fid's features {expected}")
        print(f"{processor()}, PyTorch {torch.__version__}, {count} images, batch {BATCH}\n")
        print("| threads | slgan, images/s | pytorch-fid, images/s | slgan / pytorch-fid |\n|---|---|---|---|")
        for threads in THREADS:
            own, other = rates(program, folder, net, made, threads)
            print(f"| {threads} | {own:.1f} | {other:.1f} | {own / other:.2f} |", flush=True)


if __name__ == "__main__":
    main()
