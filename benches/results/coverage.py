"""Draws accuracy-coverage curves of finished runs into one SVG, from the last evaluation of each:

    python3 benches/results/coverage.py curves.svg "no labels=runs/a" "1 % of labels=runs/b" "10 % of labels=runs/c"

Across: share of held-out images, the most confident first; up: share of right labels among them. A dot marks the gate.
Prints the same figures as a Markdown table.
"""

import json
import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 612, 16, 352
COLORS = ["#2f66d0", "#d9700b", "#16896a", "#9150c4"]
# Grey that can be read on white and on black.
GREY = "#80868e"


def curve_of(run: Path) -> dict:
    """The last evaluation with a curve."""
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    evaluations = [event for event in events if event["event"] == "evaluated" and event.get("accuracy_coverage")]
    if not evaluations:
        sys.exit(f"{run}: no evaluation has an accuracy-coverage curve")
    return evaluations[-1]


def place(coverage: float, accuracy: float) -> tuple[float, float]:
    return LEFT + (RIGHT - LEFT) * coverage, BOTTOM - (BOTTOM - TOP) * accuracy


def text(x: float, y: float, words: str, anchor: str, color: str = GREY) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{escape(words)}</text>'


def axes() -> list[str]:
    out = []
    for tick in range(0, 101, 20):
        (x, _), (_, y) = place(tick / 100, 0), place(0, tick / 100)
        out.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="{GREY}" stroke-opacity=".35"/>')
        out += [text(LEFT - 8, y + 4, f"{tick} %", "end"), text(x, BOTTOM + 20, f"{tick} %", "middle")]
    return out + [text((LEFT + RIGHT) / 2, HEIGHT - 8, "share of held-out images, the most confident first", "middle")]


def line(index: int, name: str, evaluation: dict) -> list[str]:
    color, curve = COLORS[index % len(COLORS)], evaluation["accuracy_coverage"]
    path = "L".join("{:.1f} {:.1f}".format(*place(*point[1:])) for point in curve["points"])
    out = [f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2.5" stroke-linejoin="round"/>']
    if curve["gate"]:
        x, y = place(*curve["gate"][1:])
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{color}"/>')
    # The legend is at the bottom, where curves of any use do not come.
    y = BOTTOM - 12 - 20 * index
    out.append(f'<path d="M{LEFT + 12} {y - 4}h24" stroke="{color}" stroke-width="3"/>')
    return out + [text(LEFT + 44, y, f"{name}: AURC {evaluation['aurc']:.3f}", "start")]


def row(name: str, evaluation: dict) -> str:
    curve = evaluation["accuracy_coverage"]
    # The first point that covers at least so much.
    at = [next(point[2] for point in curve["points"] if point[1] >= share) for share in (0.25, 0.5, 0.75, 1.0)]
    gate = "{2:.3f} of {1:.3f}".format(*curve["gate"]) if curve["gate"] else "-"
    return f"| {name} | {evaluation['aurc']:.4f} | {gate} | " + " | ".join(f"{accuracy:.3f}" for accuracy in at) + " |"


def main() -> None:
    runs = [argument.split("=", 1) for argument in sys.argv[2:]]
    if not runs or any(len(run) < 2 for run in runs):
        sys.exit(__doc__)
    curves = [(name, curve_of(Path(run))) for name, run in runs]
    body = axes() + [part for index, curve in enumerate(curves) for part in line(index, *curve)]
    box, font = f'viewBox="0 0 {WIDTH} {HEIGHT}"', 'font-family="sans-serif" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} {font}>'
    Path(sys.argv[1]).write_text("\n".join([head, *body, "</svg>"]) + "\n")
    print("| run | AURC | right at the gate | right among 25 % | 50 % | 75 % | all |\n|---|---|---|---|---|---|---|")
    print("\n".join(row(*curve) for curve in curves))


if __name__ == "__main__":
    main()
