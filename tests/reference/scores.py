"""Writes scores.json: results of pytorch-fid and torch-fidelity on inputs that tests/metrics/ makes with the same
formulas.

Run from this folder: python scores.py (numpy, scipy, scikit-learn, torch, torchvision, pytorch-fid, torch-fidelity).
"""

import json

import numpy as np
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_fid import fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kernel_mmd, kid_features_to_metric

from metrics import features, scramble

KERNEL = {"kid_kernel": "poly", "kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}
SEED = 2020


def pair(case):
    return [features(case["seeds"][i], case["counts"][i], case["dim"], case["scales"][i]) for i in range(2)]


def frechet(case):
    sets = pair(case)
    means = [x.mean(axis=0) for x in sets]
    covariances = [np.cov(x, rowvar=False) for x in sets]
    statistics = [{"mu": mean, "sigma": covariance} for mean, covariance in zip(means, covariances)]
    return case | {
        "pytorch_fid": float(calculate_frechet_distance(means[0], covariances[0], means[1], covariances[1])),
        "torch_fidelity": fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"],
    }


def kernel(case):
    """The subsets are those that torch-fidelity draws: alternately from the first and from the second set."""
    first, second = (torch.from_numpy(x) for x in pair(case))
    draws = np.random.RandomState(SEED)
    size, count = case["subset_size"], case["subset_count"]
    subsets = [[draws.choice(n, size, replace=False).tolist() for n in case["counts"]] for _ in range(count)]
    settings = {"kid_subsets": count, "kid_subset_size": size, "rng_seed": SEED, "verbose": False}
    found = kid_features_to_metric(first, second, **KERNEL, **settings)
    by_hand = [kernel_mmd(first.numpy()[x], second.numpy()[y], **KERNEL) for x, y in subsets]
    assert np.isclose(np.mean(by_hand), found["kernel_inception_distance_mean"], rtol=1e-12), "other subsets"
    same = min(case["counts"])
    return case | {
        "subsets": subsets,
        "mean": found["kernel_inception_distance_mean"],
        "deviation": found["kernel_inception_distance_std"],
        "of_first_rows": float(kernel_mmd(first.numpy()[:same], second.numpy()[:same], **KERNEL)),
    }


def logits(seed, count, classes, sharpness):
    """Logits [count, classes], multiples of 1/1024 from 0 to `sharpness`, that f32 holds exactly."""
    index = np.arange(count * classes).reshape(count, classes)
    return (scramble(seed * 1_000_003 + index) % np.uint64(1024)).astype(int) * sharpness / 1024


def inception(case):
    rows = torch.from_numpy(logits(case["seed"], case["count"], case["classes"], case["sharpness"]))
    found = isc_features_to_metric(rows, splits=case["splits"], shuffle=False)
    return case | {"mean": found["inception_score_mean"], "deviation": found["inception_score_std"]}


FRECHET = [
    # dim, counts, scales
    (16, (200, 333), (1, 2)),
    (64, (500, 400), (1, 1)),
    (64, (20, 500), (1, 2)),
    (64, (20, 30), (2, 1)),
]

KERNEL_CASES = [
    # dim, counts, scales, subset_count, subset_size
    (3, (20, 30), (1, 2), 3, 7),
    (16, (90, 70), (1, 2), 5, 40),
    (64, (60, 80), (2, 1), 4, 60),
]

INCEPTION = [
    # count, classes, sharpness, splits
    (1, 5, 4, 1),
    (103, 10, 8, 1),
    (103, 10, 8, 10),
    (250, 1008, 30, 7),
    (40, 3, 1, 40),
]


def main():
    pairs = ("dim", "counts", "scales")
    seeded = lambda i, names, case: dict(zip(names, case)) | {"seeds": (2 * i + 1, 2 * i + 2)}
    names = ("count", "classes", "sharpness", "splits")
    cases = {
        "frechet": [frechet(seeded(i, pairs, case)) for i, case in enumerate(FRECHET)],
        "kernel": [
            kernel(seeded(i, pairs + ("subset_count", "subset_size"), case)) for i, case in enumerate(KERNEL_CASES)
        ],
        "inception": [inception(dict(zip(names, case)) | {"seed": seed}) for seed, case in enumerate(INCEPTION)],
    }
    with open("scores.json", "w") as file:
        json.dump(cases, file)
        file.write("\n")


if __name__ == "__main__":
    main()
