"""Writes metrics.json: results of scikit-learn and scipy on inputs that tests/metrics/ makes with the same formulas.

Run from this folder: python metrics.py (numpy, scipy, scikit-learn).
"""

import json

import numpy as np
from scipy.linalg import sqrtm
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix


def scramble(x):
    """Bijective hash of 32-bit integers (lowbias32), as uint64 arrays."""
    x = np.asarray(x, dtype=np.uint64) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> np.uint64(shift)
        x = (x * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return x ^ (x >> np.uint64(16))


def labels(case):
    """Pairs of labels that agree, up to a rotation, in about `agreement` percent of the images."""
    index = np.arange(case["count"]) + case["seed"] * 1_000_003
    truth = scramble(2 * index) % np.uint64(case["classes"])
    noise = scramble(2 * index + 1)
    clusters = np.uint64(case["clusters"])
    agreeing = (truth + np.uint64(case["rotation"])) % clusters
    random = (noise // np.uint64(128)) % clusters
    return np.where(noise % np.uint64(100) < case["agreement"], agreeing, random).astype(int), truth.astype(int)


def clustering(case):
    assigned, truth = labels(case)
    table = contingency_matrix(assigned, truth)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return case | {
        "clustering_accuracy": table[rows, columns].sum() / case["count"],
        "purity": table.max(axis=1).sum() / case["count"],
        "nmi": normalized_mutual_info_score(truth, assigned),
        "ari": adjusted_rand_score(truth, assigned),
    }


def features(seed, count, dim, scale):
    """Correlated features [count, dim], multiples of 1/1024 that f32 holds exactly."""
    row, column = np.meshgrid(np.arange(count), np.arange(dim), indexing="ij")
    own = scramble(seed * 1_000_003 + row * dim + column) % np.uint64(1024)
    shared = scramble(seed * 1_000_003 + 500_000 + row) % np.uint64(1024)
    return (own.astype(int) * scale + shared.astype(int) * (column % 3) + column * seed) / 1024


def frechet(case):
    dim = case["dim"]
    first = features(case["seeds"][0], case["counts"][0], dim, case["scales"][0])
    second = features(case["seeds"][1], case["counts"][1], dim, case["scales"][1])
    s1, s2 = (np.cov(x, rowvar=False).reshape(dim, dim) for x in (first, second))
    means = np.sum((first.mean(axis=0) - second.mean(axis=0)) ** 2)
    # A second way, also exact for singular covariances: tr (S1 S2)^(1/2) is the nuclear norm of A B^T, where A and B
    # are the centred and scaled features, with S1 = A^T A and S2 = B^T B.
    a, b = ((x - x.mean(axis=0)) / np.sqrt(len(x) - 1) for x in (first, second))
    nuclear = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    traces = np.trace(s1) + np.trace(s2)
    return case | {
        "sqrtm": means + traces - 2 * np.trace(sqrtm(s1 @ s2)).real,
        "svd": means + traces - 2 * nuclear,
    }


CLUSTERING = [
    # name, count, clusters, classes, agreement in percent, rotation
    ("random", 1000, 10, 10, 0, 0),
    ("noisy", 1000, 10, 10, 60, 3),
    ("perfect", 997, 10, 10, 100, 0),
    ("permuted", 997, 10, 10, 100, 7),
    ("single cluster", 301, 1, 10, 0, 0),
    ("single class", 301, 10, 1, 0, 0),
    ("single cluster and class", 301, 1, 1, 0, 0),
    ("more clusters than classes", 2003, 37, 10, 50, 0),
    ("fewer clusters than classes", 2003, 4, 11, 50, 2),
    ("one image", 1, 10, 10, 0, 0),
    ("two images", 2, 3, 3, 0, 0),
    ("more clusters than images", 50, 1000, 7, 0, 0),
    ("large", 60000, 100, 100, 30, 41),
]

FRECHET = [
    # dim, counts, scales
    (1, (50, 70), (1, 2)),
    (2, (2, 9), (1, 3)),
    (16, (200, 333), (1, 2)),
    (16, (200, 7), (2, 2)),
    (128, (400, 500), (1, 1)),
    (128, (20, 500), (1, 2)),
    (128, (20, 30), (1, 2)),
]


def main():
    names = ("name", "count", "clusters", "classes", "agreement", "rotation")
    cases = {
        "clustering": [
            clustering(dict(zip(names, case)) | {"seed": seed}) for seed, case in enumerate(CLUSTERING)
        ],
        "frechet": [
            frechet({"dim": dim, "counts": counts, "scales": scales, "seeds": (2 * i + 1, 2 * i + 2)})
            for i, (dim, counts, scales) in enumerate(FRECHET)
        ],
    }
    with open("metrics.json", "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
