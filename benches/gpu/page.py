"""The page of `report.py`: plain HTML with its styles and pictures, and no scripts."""

from html import escape

START = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
"""

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .quiet { color: #666; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; border-bottom: 1px solid #e4e4e4; vertical-align: top; }
th { font-weight: 600; } th.text, td.text { text-align: left; }
.bad { background: #fdecea; border-left: 4px solid #c0392b; padding: .6rem 1rem; margin: 1rem 0; }
.good { background: #eaf6ec; border-left: 4px solid #2e7d32; padding: .6rem 1rem; margin: 1rem 0; }
.bad h2 { margin: 0 0 .3rem; } .scroll { overflow-x: auto; }
figure { display: inline-block; width: 30rem; max-width: 100%; margin: 0 2rem 1rem 0; vertical-align: top; }
figure img { width: 100%; image-rendering: pixelated; }
.bar { display: inline-block; height: .6rem; background: #4a7fb5; vertical-align: baseline; }
@media (prefers-color-scheme: dark) {
  body { background: #1b1b1b; color: #ddd; } th, td { border-color: #3a3a3a; } .quiet { color: #999; }
  .bad { background: #3b1f1c; } .good { background: #1d3322; }
}
"""


def show(value, digits: int = 2, unit: str = "") -> str:
    """A number for a table; a dash for what was not measured."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}{unit}"
    return f"{value:,.{digits}f}{unit}"


def table(head: list[str], rows: list[list[str]], text: tuple[int, ...] = (0,)) -> str:
    """Cells are HTML. The columns in `text` are aligned to the left."""
    kind = lambda index: ' class="text"' if index in text else ""
    cells = lambda tag, row: "".join(f"<{tag}{kind(i)}>{cell}</{tag}>" for i, cell in enumerate(row))
    body = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    return f'<div class="scroll"><table>\n<tr>{cells("th", head)}</tr>\n{body}</table></div>\n'


def failures(report: dict) -> str:
    failed = [step for step in report["steps"] if not step["ok"]]
    wrong = report["wrong_results"]
    if not failed and not wrong:
        return f'<div class="good">All {len(report["steps"])} steps succeeded.</div>\n'
    late = [step["name"] for step in failed if step["exit"] is None]
    tried = [step for step in failed if step["exit"] is not None]
    cells = lambda step: [escape(step["name"]), show(step["exit"]), f"{step['seconds']} s", escape(step["reason"])]
    parts = [f"<h2>{len(failed)} of {len(report['steps'])} steps failed</h2>\n"]
    if tried:
        parts.append(table(["step", "exit code", "time", "why"], [cells(step) for step in tried], text=(0, 3)))
    if late:
        parts.append(f"<p>No time was left for {escape(', '.join(late))}.</p>\n")
    if wrong:
        parts.append(wrong_results(wrong))
    return f'<div class="bad">{"".join(parts)}</div>\n'


def wrong_results(wrong: list[dict]) -> str:
    head = ["operation", "case", "result", "error", "budget"]
    rows = [[escape(str(one.get(name))) for name in head] for one in wrong[:20]]
    return f"<p>Wrong results of kernels: {len(wrong)}.</p>\n{table(head, rows, text=(0, 1, 2))}"


def heading(report: dict) -> str:
    card = report["card"]
    about = [card.get(name) for name in ("kind", "interface", "driver")]
    facts = ", ".join(escape(str(fact)) for fact in about if fact)
    torch = card["pytorch"] or {}
    peer = f"; PyTorch {torch['torch']} on {torch['device']}, {torch['device_name']}" if torch else ""
    version = f"slgan {report['version']}" if report["version"] else "slgan"
    lines = [f"<h1>{escape(card['device'] or 'No device')}</h1>\n", f"<p>{facts}</p>\n" if facts else ""]
    lines.append(f'<p class="quiet">{escape(version + peer)}</p>\n')
    lines += [f'<p class="quiet">Note: {escape(note)}.</p>\n' for note in report["notes"]]
    return "".join(lines)


def presets(report: dict) -> str:
    """How long a step takes, and what bounds it from below."""
    paper = report["card"]["card_on_paper"]
    head = ["preset", "slgan ms", "PyTorch ms", "slgan / PyTorch", "queued: slgan ms", "PyTorch ms", "slgan / PyTorch"]
    head += ["Winograd ms", "queued ms", "PyTorch TF32 ms", "burn's stock ms", "host ms"]
    head += [f"least ms, {escape(paper)}" if paper else "least ms", "dispatches", "peak MiB"]
    rows = []
    for row in report["presets"]:
        names = ("ms", "torch_ms", "ratio_to_torch", "queued_ms", "torch_queued_ms", "queued_ratio_to_torch")
        names += ("winograd_ms", "winograd_queued_ms", "torch_tf32_ms", "stock_ms", "host_ms", "least_ms", "dispatches")
        peak = row["peak_bytes"] and row["peak_bytes"] / 2**20
        rows.append([escape(row["preset"]), *(show(row[name]) for name in names), show(peak, 0)])
    about = (
        "The time of a training step that waits for the device, in both programs, with float32 and the same work. "
        "Queued: of a step among several that do not wait, as in training. "
        "Winograd: slgan with Winograd's convolutions (the kernels for discrete-winograd devices). "
        "Host: the same step on a device that does nothing. "
        "Least: what its matrix products and bytes need at the published peaks of that card."
    )
    return f'<h2>A training step</h2>\n{table(head, rows)}<p class="quiet">{about}</p>\n'


def runs(report: dict, pictures: dict[str, str]) -> str:
    parts = []
    for preset, events in report["training"].items():
        figure = f'<img src="{pictures[preset]}" alt="generated images">' if preset in pictures else "no picture"
        lines = "".join(f"<br>{figures(event)}" for event in events.values())
        parts.append(f"<figure>{figure}<figcaption><b>{escape(preset)}</b>{lines}</figcaption></figure>\n")
    return f"<h2>Training</h2>\n{''.join(parts)}" if parts else ""


def figures(event: dict) -> str:
    """The numbers of an event."""
    names = [name for name, value in event.items() if isinstance(value, (int, float)) and name != "step"]
    words = (f"{escape(name.replace('_', ' '))} {show(event[name], 3)}" for name in names)
    return f"step {show(event.get('step'))}, {escape(event['event'])}: {', '.join(words)}"


def kernels(report: dict) -> str:
    """Every kernel at every shape. Those that lose most time to their ceiling come first."""
    found = {name: result for name, result in report["results"].items() if name.startswith("kernels-")}
    rows = [named(row, name) for name, result in found.items() for row in result["kernels"]]
    if not rows:
        return ""
    limits = next(iter(found.values()))["ceilings"]
    ceilings = f"{limits['gflops'] / 1e3:,.2f} TFLOP/s and {limits['gbps']:,.0f} GB/s"
    rows.sort(key=above, reverse=True)
    head = ["kernel", "shape", "share of ceiling", "", "ceiling", "ms", "ms above it", "stock / ours"]
    return (
        f"<h2>Kernels</h2>\n{table(head, [kernel(row) for row in rows], text=(0, 1))}"
        f'<p class="quiet">Ceilings, as measured here: {ceilings}.</p>\n'
    )


def named(row: dict, step: str) -> dict:
    """The row of a kernel, with a word about the kernels of which the step was."""
    return row | {"shape": f"{row['shape']}, Winograd"} if step.endswith("-winograd") else row


def above(row: dict) -> float:
    """Milliseconds that the kernel takes beyond what its ceiling demands."""
    return row["ms"] * max(1 - row["share_of_ceiling"], 0)


def kernel(row: dict) -> list[str]:
    share = row["share_of_ceiling"]
    bar = f'<span class="bar" style="width: {5 * min(share, 1):.2f}rem"></span>'
    times = [show(row["ms"], 3), show(above(row), 3), show(row["ratio_to_stock"])]
    return [escape(row["name"]), escape(row["shape"]), f"{100 * share:.1f} %", bar, row["bound"], *times]


def others(report: dict) -> str:
    """Memory, the checks, and how long each step of this report took."""
    found = report["results"]
    lines = []
    if check := found.get("check"):
        lines.append(f"{show(check['right'])} of {show(check['results'])} results of kernels are right.")
    if memory := found.get("memory"):
        names = ("device_bytes_after_a_tenth", "device_bytes_at_the_end")
        early, late = ((memory.get(name) or 0) / 2**20 for name in names)
        lines.append(f"Memory on the device after a tenth of {memory['steps']:,} steps and at the end: "
                     f"{early:,.1f} and {late:,.1f} MiB.")
    times = ", ".join(f"{escape(step['name'])} {step['seconds']} s" for step in report["steps"])
    text = "".join(f"<p>{line}</p>\n" for line in lines)
    return f'<h2>Other results</h2>\n{text}<p class="quiet">Times of the steps: {times}.</p>\n'


def page(report: dict, pictures: dict[str, str]) -> str:
    parts = [heading(report), failures(report), presets(report), runs(report, pictures), kernels(report)]
    title = escape(f"slgan on {report['card']['device'] or 'no device'}")
    return f"{START}<title>{title}</title>\n<style>{STYLE}</style>\n{''.join(parts)}{others(report)}</html>\n"
