"""Prints the table of docs/results.md from finished runs: python3 benches/results/table.py [runs/results]."""

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

COLUMNS = [
    "accuracy",
    "clustering_accuracy",
    "nmi",
    "gate_coverage",
    "gate_precision",
    "generated_agreement",
    "frechet_judge",
    "class_frechet",
    "class_coverage",
    "class_recall",
]


def last_evaluation(run: Path) -> dict | None:
    """The last evaluation of a finished run, with the seconds it took."""
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    if events[-1]["event"] != "finished":
        return None
    evaluation = [event for event in events if event["event"] == "evaluated"][-1]
    return evaluation | {"minutes": events[-1]["seconds"] / 60}


def cell(values: list) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    each = " / ".join(f"{value:.3f}" for value in known)
    return f"{each} (mean {statistics.mean(known):.3f})" if len(known) > 1 else each


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/results")
    sets = defaultdict(list)
    for run in sorted(folder.iterdir()):
        evaluation = last_evaluation(run)
        if evaluation:
            sets[run.name.rsplit("-", 1)[0]].append((int(run.name.rsplit("-", 1)[1]), evaluation))
    print("| set | seeds | " + " | ".join(COLUMNS) + " | minutes |")
    print("|---" * (len(COLUMNS) + 3) + "|")
    for name, runs in sets.items():
        seeds = ", ".join(str(seed) for seed, _ in runs)
        figures = [cell([evaluation.get(column) for _, evaluation in runs]) for column in COLUMNS]
        minutes = " / ".join(f"{evaluation['minutes']:.1f}" for _, evaluation in runs)
        print(f"| {name} | {seeds} | " + " | ".join(figures) + f" | {minutes} |")


if __name__ == "__main__":
    main()
