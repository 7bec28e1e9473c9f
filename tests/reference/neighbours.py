"""Writes neighbours.json: results of the package PRDC on inputs that tests/metrics/ makes with the same formulas.

Run from this folder: python neighbours.py (numpy, scipy, scikit-learn, prdc).
"""

import json

import numpy as np
from prdc import compute_prdc
from scipy.spatial.distance import cdist

from metrics import features

NEAREST_K = 5

# dim, counts of real and generated, scales, seeds
CASES = [
    (1, (12, 16), (1, 2), (16, 17)),
    (2, (7, 9), (1, 3), (11, 51)),
    (2, (40, 60), (2, 2), (9, 49)),
    (3, (40, 7), (1, 1), (5, 6)),
    (8, (100, 80), (2, 2), (2, 42)),
    (9, (200, 333), (2, 1), (1, 41)),
    (16, (200, 333), (1, 1), (2, 42)),
    (128, (400, 500), (1, 1), (1, 3)),
    (128, (60, 40), (1, 1), (3, 5)),
]


def radii(samples):
    return np.sort(cdist(samples, samples), axis=1)[:, NEAREST_K]


def check_margins(real, generated):
    """PRDC's balls are open, and its distances are rounded. Neither may decide a case."""
    distances = cdist(real, generated)
    for radius in (radii(real)[:, None], radii(generated)[None, :]):
        margin = np.abs(distances - radius).min()
        assert margin > 1e-6, f"a sample lies {margin} from the edge of a ball"


def neighbours(case):
    dim, counts, scales, seeds = case
    real, generated = (features(seeds[i], counts[i], dim, scales[i]) for i in range(2))
    check_margins(real, generated)
    found = compute_prdc(real, generated, NEAREST_K)
    return {
        "dim": dim,
        "counts": counts,
        "scales": scales,
        "seeds": seeds,
        "coverage": float(found["coverage"]),
        "recall": float(found["recall"]),
        "precision": float(found["precision"]),
        "density": float(found["density"]),
    }


def main():
    with open("neighbours.json", "w") as file:
        json.dump([neighbours(case) for case in CASES], file, indent=1)
        file.write("\n")


main()
