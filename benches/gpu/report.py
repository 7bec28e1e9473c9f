#!/usr/bin/env python3
"""Puts what `run` found into one object, gpu.json, and on one page, gpu.html: report.py OUT."""

import base64
import json
import sys
from pathlib import Path

import page

PRESETS = ("tiny", "small", "cifar")


def parsed(path: Path):
    """None if the step that should have written the file failed."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").split("\n") if path.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def number(text: str):
    return int(text) if text.isdigit() else None


def steps(folder: Path) -> list[dict]:
    """Every step that was tried, in order. A failed one has the last line of its messages as its reason."""
    found = []
    for line in (folder / "steps.tsv").read_text().splitlines():
        name, code, seconds, limit, verdict = line.split("\t")
        step = {"name": name, "exit": number(code), "seconds": int(seconds), "limit": int(limit), "ok": verdict == "ok"}
        if not step["ok"]:
            step["reason"] = reason(step, folder)
        found.append(step)
    return found


def reason(step: dict, folder: Path) -> str:
    if step["exit"] is None:
        return "no time was left"
    if step["exit"] in (137, 143) and step["seconds"] >= step["limit"]:
        return f"stopped after {step['seconds']} s"
    if (step["name"], step["exit"]) == ("check", 1) and parsed(folder / "check.json"):
        return "results are wrong, see below"
    return last_line(folder / f"{step['name']}.log") or "it gave no reason"


def results(folder: Path, found: list[dict]) -> dict:
    """What the steps printed, by name."""
    printed = ((step["name"], parsed(folder / f"{step['name']}.json")) for step in found)
    return {name: value for name, value in printed if value is not None}


def training(folder: Path) -> dict:
    """The last figures of each run, by preset."""
    paths = {preset: folder / f"train-{preset}.events.jsonl" for preset in PRESETS}
    return {preset: last_events(path) for preset, path in paths.items() if path.exists()}


def last_events(path: Path) -> dict:
    found = {}
    for line in path.read_text().splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # A run that was killed may end in half a line.
        if event.get("event") in ("step", "evaluated", "finished"):
            found[event["event"]] = event
    return found


def row_of(result, preset: str) -> dict:
    """The row of a preset in the output of a benchmark of steps; empty without one."""
    rows = (result or {}).get("steps", [])
    return next((row for row in rows if row["preset"] == preset), {})


def ratio(ours, theirs):
    return ours / theirs if ours and theirs else None


def presets(found: dict) -> list[dict]:
    """The times of a step, one row for each preset that was timed."""
    rows = []
    for preset in PRESETS:
        step, host = row_of(found.get(f"step-{preset}"), preset), row_of(found.get("host"), preset)
        torch, tf32 = found.get(f"torch-{preset}", {}), found.get(f"torch-{preset}-tf32", {})
        paper = found.get(f"model-{preset}", {})
        winograd = row_of(found.get(f"step-{preset}-winograd"), preset)
        queued = torch.get("milliseconds_per_queued_step")
        theirs, theirs_tf32 = torch.get("milliseconds_per_step"), tf32.get("milliseconds_per_step")
        row = {
            "preset": preset,
            "ms": step.get("ms"),
            "torch_ms": theirs,
            "ratio_to_torch": ratio(step.get("ms"), theirs),
            "queued_ms": step.get("queued_ms"),
            "torch_queued_ms": queued,
            "queued_ratio_to_torch": ratio(step.get("queued_ms"), queued),
            "winograd_ms": winograd.get("ms"),
            "winograd_queued_ms": winograd.get("queued_ms"),
            "torch_tf32_ms": theirs_tf32,
            "ratio_to_torch_tf32": ratio(step.get("ms"), theirs_tf32),
            "stock_ms": step.get("stock_ms"),
            "host_ms": host.get("ms"),
            "least_ms": paper.get("milliseconds"),
            "dispatches": step.get("dispatches"),
            "peak_bytes": step.get("peak_bytes"),
        }
        if any(value is not None for name, value in row.items() if name != "preset"):
            rows.append(row)
    return rows


def card(found: dict) -> dict:
    """The device that was measured, with what the list of devices says about it."""
    named = [found[name]["device"] for name in found if name == "check" or name.startswith("step-")]
    device = named[0] if named else None
    adapters = found.get("devices", {}).get("adapters", [])
    known = next((adapter for adapter in adapters if device and device.startswith(adapter["name"])), {})
    torch = next((result for name, result in found.items() if name.startswith("torch-")), {})
    paper = next((result.get("card") for name, result in found.items() if name.startswith("model-")), None)
    torch = {name: torch[name] for name in ("torch", "device", "device_name") if name in torch}
    return {"device": device, **known, "pytorch": torch or None, "card_on_paper": paper}


def wrong(found: dict) -> list[dict]:
    """Results of kernels that differ from float64."""
    return found.get("check", {}).get("failures", [])


def collected(folder: Path) -> dict:
    found_steps = steps(folder)
    found = results(folder, found_steps)
    notes = folder / "notes.txt"
    return {
        "card": card(found),
        "version": found.get("check", {}).get("version"),
        "steps": found_steps,
        "notes": [line.removeprefix("-- ") for line in notes.read_text().splitlines()] if notes.exists() else [],
        "presets": presets(found),
        "wrong_results": wrong(found),
        "training": training(folder),
        "results": found,
    }


def pictures(folder: Path) -> dict[str, str]:
    """Grids of generated images by preset, as data URLs."""
    paths = sorted(folder.glob("train-*.png"))
    url = lambda path: "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
    return {path.stem.removeprefix("train-"): url(path) for path in paths}


def main() -> None:
    folder = Path(sys.argv[1])
    report = collected(folder)
    (folder / "gpu.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "gpu.html").write_text(page.page(report, pictures(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
