"""Measures the pictures of finished runs: python3 benches/results/pictures.py RUN...

Each RUN has a made.npz of 2,000 pictures (`slgan generate RUN --count 2000 --npz RUN/made.npz`). For each, one line of
Markdown: how often the judge sees the class of the row (on average and in the worst row), the least and the largest
share of light paper in a row, the weave, the Frechet distance and the teacher's accuracy. It needs NumPy.

A picture is on light paper if the mean of its border, one pixel wide, is above 128. The weave is the median of the
second differences of grey along the rows and columns of a frame of four pixels, over pictures on light paper.
"""

import json
import sys
from pathlib import Path

import numpy

FRAME = 4


def light_paper(images: numpy.ndarray) -> numpy.ndarray:
    """Whether each picture [height, width, channels] has light paper."""
    grey = images.mean(axis=3)
    border = numpy.concatenate([grey[:, 0], grey[:, -1], grey[:, 1:-1, 0], grey[:, 1:-1, -1]], axis=1)
    return border.mean(axis=1) > 128


def weave(images: numpy.ndarray) -> float:
    grey = images.mean(axis=3)
    frame = numpy.ones(grey.shape[1:], bool)
    frame[FRAME:-FRAME, FRAME:-FRAME] = False
    along_rows = numpy.abs(numpy.diff(grey, 2, axis=2))[:, frame[:, 1:-1]]
    along_columns = numpy.abs(numpy.diff(grey, 2, axis=1))[:, frame[1:-1, :]]
    return float(numpy.median(numpy.concatenate([along_rows, along_columns], axis=1)))


def evaluation(run: Path) -> dict:
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    return [event for event in events if event["event"] == "evaluated"][-1]


def line(run: Path) -> str:
    made = numpy.load(run / "made.npz")
    images, labels = made["arr_0"].astype(numpy.float32), made["arr_1"]
    is_light = light_paper(images)
    shares = [is_light[labels == label].mean() for label in numpy.unique(labels)]
    last = evaluation(run)
    worst = min(last["generated"]["rows"])
    cells = [
        run.name,
        f"{last['generated_agreement']:.3f} ({worst:.3f})",
        f"{min(shares):.2f} to {max(shares):.2f}",
        f"{weave(images[is_light]):.1f}",
        f"{last['frechet_judge']:.1f}",
        f"{last['accuracy']:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    print("| run | agreement (worst row) | light paper, by row | weave | distance | teacher |")
    print("|---|---|---|---|---|---|")
    for run in sys.argv[1:]:
        print(line(Path(run)))


if __name__ == "__main__":
    main()
