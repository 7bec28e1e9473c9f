"""Writes selective.json: accuracy at every threshold, and the area above it, of confidences that tests/metrics/ makes
with the same formulas.

Among the images that a threshold lets pass, the accuracy of labels is the precision of the detector "this label is
right", which scikit-learn computes for every threshold.

Run from this folder: python selective.py (numpy, scipy, scikit-learn).
"""

import json

import numpy as np
from sklearn.metrics import precision_recall_curve

from metrics import scramble


def confidences(case):
    """Confidences in steps of 1 / levels, and verdicts that are right the more often the higher they are."""
    index = np.arange(case["count"]) + case["seed"] * 1_000_003
    confidence = (scramble(2 * index) % np.uint64(case["levels"])).astype(float) / case["levels"]
    draw = (scramble(2 * index + 1) % np.uint64(1024)).astype(float) / 1024
    return confidence, draw < case["base"] + case["slope"] * confidence


def selective(case):
    confidence, right = confidences(case)
    accuracy, _, thresholds = precision_recall_curve(right, confidence)
    # The last value belongs to no threshold.
    accuracy = dict(zip(thresholds.tolist(), accuracy[:-1].tolist()))
    return case | {
        "points": [[t, float((confidence >= t).mean()), a] for t, a in sorted(accuracy.items(), reverse=True)],
        "aurc": float(np.mean([1 - accuracy[c] for c in confidence.tolist()])),
    }


CASES = [
    # count, levels, base, slope
    (1000, 50, 0.25, 0.75),
    (1000, 2, 0.5, 0.25),
    (2003, 4096, 0.0, 1.0),
    (997, 1000, 0.75, -0.5),
    (40, 7, 0.5, 0.5),
    (1, 3, 1.0, 0.0),
    (300, 1, 0.5, 0.0),
]


def main():
    names = ("count", "levels", "base", "slope")
    cases = [selective(dict(zip(names, case)) | {"seed": seed}) for seed, case in enumerate(CASES)]
    for case in cases:
        # Enough for every point that a curve can have, and few enough to read.
        case["points"] = case["points"][:: max(1, len(case["points"]) // 64)]
    with open("selective.json", "w") as file:
        json.dump(cases, file)
        file.write("\n")


if __name__ == "__main__":
    main()
