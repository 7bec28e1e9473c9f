"""Writes estimate.json: quantiles of Student's distribution, and intervals of means, from scipy.

Run from this folder: python estimate.py (numpy, scipy).
"""

import json

import numpy as np
from scipy import stats

DEGREES = [1, 2, 3, 4, 5, 6, 7, 9, 10, 19, 30, 99, 1000]
PROBABILITIES = [0.5, 0.9, 0.95, 0.99]

# The second value of a pair may be missing, as of a run that has failed.
PAIRS = [
    ([0.937, 0.937, 0.958], [0.925, 0.928, 0.945]),
    ([1.75, 1.9], [2.26, 1.6]),
    ([23.1, 17.7, 14.2, 15.8], [30.6, None, 15.8, 19.3]),
    ([5.0, 5.0, 5.0, 5.0], [5.5, 5.5, 5.5, 5.5]),
    ([0.1 * seed for seed in range(12)], [0.3 + 0.01 * seed * seed for seed in range(12)]),
]


def quantile(probability, degrees):
    return {"probability": probability, "degrees": degrees, "t": float(stats.t.ppf((1 + probability) / 2, degrees))}


def estimate(values):
    error = stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), error) if error > 0 else [np.mean(values)] * 2
    return {
        "count": len(values),
        "mean": float(np.mean(values)),
        "deviation": float(np.std(values, ddof=1)),
        "low": float(low),
        "high": float(high),
    }


def pair(first, second):
    both = [(a, b) for a, b in zip(first, second) if b is not None]
    before, after = np.array(both).T
    found = estimate(after - before)
    if found["deviation"] > 0:
        interval = stats.ttest_rel(after, before).confidence_interval(0.95)
        assert np.allclose([interval.low, interval.high], [found["low"], found["high"]], rtol=1e-12)
    return {"from": first, "to": second, "first": estimate(first), "difference": found}


def main():
    result = {
        "quantiles": [quantile(p, degrees) for degrees in DEGREES for p in PROBABILITIES],
        "pairs": [pair(*values) for values in PAIRS],
    }
    with open("estimate.json", "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


main()
