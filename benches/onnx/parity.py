"""Runs exported networks in ONNX Runtime, and compares with what slgan itself makes of the same run.

    python parity.py path/to/slgan [RUN]...

Needs onnx, onnxruntime and numpy. Without runs, it trains short ones on the CPU, with every preset, four image sizes,
and every operation that a network can have. Images agree if no number differs from slgan's by more than 1e-4, apart
from the rounding to bytes; labels agree if no confidence differs by more than 1e-4.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

COUNT, SEED, TOLERANCE = 64, 5, 1e-4

# Name of the run, preset, steps, size, channels, and settings.
RUNS = [
    ("nearest-grey", "tiny", 20, 28, 1, ["generator.enlargement=nearest", "latent.partition=voronoi"]),
    ("conditional", "tiny", 20, 48, 3,
     ["generator.conditional=true", "latent.partition=mixture", "latent.artificial_labels=6"]),
    ("small", "small", 4, 64, 3, ["classifier.prior_correction=false"]),
    ("cifar", "cifar", 2, 32, 3, ["generator.conditional=true", "discriminator.updates=1"]),
]


def call(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def train(program, folder):
    """Short runs on pictures of two classes, which a first run draws."""
    quick = ["--device", "cpu", "--batch", 8, "--set", "report.sample_every=0", "--set", "report.evaluate_every=0"]
    call(program, "train", "--data", "glyphs", *quick, "--steps", 20, "--out", folder / "first")
    for seed, name in enumerate(("one", "two")):
        drawn = ["--device", "cpu", "--images", folder / "pictures" / name, "--count", 40, "--seed", seed]
        (folder / "pictures").mkdir(exist_ok=True)
        call(program, "generate", folder / "first", *drawn)
    for name, preset, steps, size, channels, settings in RUNS:
        settings = [f"images.size={size}", f"images.channels={channels}", *settings]
        words = ["--data", f"folder:{folder / 'pictures'}", "--preset", preset, "--steps", steps]
        words += [word for setting in settings for word in ("--set", setting)]
        call(program, "train", *words, *quick, "--out", folder / name)
        yield folder / name


def export(program, run, network, folder):
    """A session with the network, and its metadata."""
    path = folder / f"{network}.onnx"
    call(program, "export", run, "--onnx", network, "--out", path)
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["network"] == network
    assert metadata["version"] == call(program, "--version").split()[-1]
    return session, metadata


def alone(session, inputs):
    """The output for a batch, which must be that for its images one by one."""
    [output] = session.run(None, inputs)
    for index in (0, COUNT - 1):
        [single] = session.run(None, {name: values[index : index + 1] for name, values in inputs.items()})
        assert np.abs(single[0] - output[index]).max() < TOLERANCE, "an image depends on its batch"
    return output


def compare_images(session, metadata, made):
    latents, labels = made["latents"], made["arr_1"]
    inputs = {"latents": latents}
    shapes = {info.name: info.shape for info in session.get_inputs()}
    if "labels" in shapes:
        inputs["labels"] = np.eye(shapes["labels"][1], dtype=np.float32)[labels]
    levels = (alone(session, inputs).transpose(0, 2, 3, 1).astype(np.float64) + 1) * 127.5
    # A byte stands for the levels half a step around it.
    beyond = np.abs(levels - made["arr_0"]) - 0.5
    worst = max(beyond.max(), 0) / 127.5
    assert worst < TOLERANCE, f"images differ by {worst}"
    if metadata["latent.partition"] != "mixture":
        anchors = np.array(json.loads(metadata["latent.anchors"]))
        assert ((latents @ anchors.T).argmax(axis=1) == labels).all(), "anchors of other labels"
    return worst


def compare_labels(session, metadata, made, table):
    pixels = made["arr_0"].transpose(0, 3, 1, 2).astype(np.float32)
    probabilities = alone(session, {"images": pixels / np.float32(127.5) - 1}).astype(np.float64)
    found, confidences = probabilities.argmax(axis=1), probabilities.max(axis=1)
    expected = np.array([float(row["confidence"]) for row in table])
    worst = np.abs(confidences - expected).max()
    assert worst < TOLERANCE, f"confidences differ by {worst}"
    names = json.loads(metadata["class_names"])
    classes = np.array(json.loads(metadata.get("class_of_label", "[]")), dtype=int)
    for row, label, of_labels in zip(table, found, probabilities):
        # Of two labels that are equally probable, either may come first.
        assert of_labels[int(row["label"])] > of_labels[label] - TOLERANCE, (row, of_labels)
        sums = [of_labels[classes == index].sum() for index in range(len(names))] if len(classes) else []
        assert not sums or sums[names.index(row["class"])] > max(sums) - TOLERANCE, (row, sums)
    return worst


def compare(program, run):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        chosen = [run, "--device", "cpu"]
        drawn = ["--count", COUNT, "--seed", SEED]
        call(program, "generate", *chosen, *drawn, "--npz", folder / "made.npz")
        call(program, "generate", *chosen, *drawn, "--images", folder / "images")
        call(program, "label", *chosen, "--data", f"folder:{folder / 'images'}", "--out", folder / "labels.csv")
        made = np.load(folder / "made.npz")
        with open(folder / "labels.csv", newline="") as file:
            table = list(csv.DictReader(file))
        assert [int(row["image"].split("-")[0]) for row in table] == list(range(COUNT)), "one row for each image"
        of_images = compare_images(*export(program, run, "generator", folder), made)
        of_labels = compare_labels(*export(program, run, "teacher", folder), made, table)
        shape = made["arr_0"].shape[1:]
        print(f"{run.name:16} {shape}  images {of_images:.1e}  confidences {of_labels:.1e}", flush=True)


def main():
    program, runs = str(Path(sys.argv[1]).resolve()), [Path(run).resolve() for run in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        for run in runs or train(program, Path(folder)):
            compare(program, run)
    print(f"onnxruntime {onnxruntime.__version__} agrees")


if __name__ == "__main__":
    main()
