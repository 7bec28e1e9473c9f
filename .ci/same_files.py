"""Compares two folders that two versions of the program wrote: same_files.py OLD NEW.

Bytes must be equal. Text may differ in times, versions and paths, and in names that have changed.
"""

import json
import re
import sys
from pathlib import Path

# New names of keys and columns, and the names that the older version uses.
RENAMED = {"passes_gate": "gated", "pseudo_label": "labels", "label_count": "labels"}

# Keys that the older version may lack.
ADDED = {"enlargement", "kernel"}

# Keys whose values do not come from the computation.
TIMES = {"seconds", "images_per_second", "path", "version", "format", "seal"}


def plain(value):
    """A JSON value without times, added keys and nulls, and with the older version's keys."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in TIMES | ADDED and item is not None}
        return {RENAMED.get(key, key): plain(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def content(path):
    data = path.read_bytes()
    if path.suffix in {".json", ".jsonl"}:
        lines = data.decode().splitlines() if path.suffix == ".jsonl" else [data.decode()]
        return [plain(json.loads(line)) for line in lines]
    if path.suffix == ".slgan":
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        model = plain(json.loads(header.pop("__metadata__")["slgan"]))
        return [model, header, data[8 + length :]]
    if path.suffix in {".toml", ".csv", ".html"}:
        text = data.decode()
        for new, old in RENAMED.items():
            text = re.sub(rf"\b{new}\b", old, text)
        text = "".join(line for line in text.splitlines(True) if line.split(" = ")[0] not in ADDED)
        return figures(text) if path.suffix == ".html" else text
    return data


def figures(report):
    """The numbers and pictures of a report, except durations and speeds; words may differ."""
    body = report[report.index("<body") :]
    timeless = re.sub(r"[0-9][0-9.,]*\s(s|min|h|images (a|per) second)\b", "", body)
    return re.findall(r"[0-9]+(?:\.[0-9]+)?|data:image[^\"]*", timeless)


def files(folder):
    return {str(path.relative_to(folder)): path for path in Path(folder).rglob("*") if path.is_file()}


def main(old, new):
    old, new = files(old), files(new)
    different = sorted(old.keys() ^ new.keys())
    same = sorted(old.keys() & new.keys())
    different += [name for name in same if content(old[name]) != content(new[name])]
    if not same:
        sys.exit("no files to compare")
    for name in different:
        print(f"  differs: {name}")
    equal = sum(old[name].read_bytes() == new[name].read_bytes() for name in same)
    print(f"  {len(same)} files, {equal} identical to the byte, {len(different)} different")
    sys.exit(bool(different))


if __name__ == "__main__":
    main(*sys.argv[1:])
