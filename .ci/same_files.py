"""Compares two folders that two versions of the program wrote: same_files.py OLD NEW.

Bytes must be equal. Text may differ in what no two runs share (times, the version), and in names that were changed.
"""

import json
import re
import sys
from pathlib import Path

# Keys and columns as the older version called them, by what they are called now.
RENAMED = {"passes_gate": "gated", "pseudo_label": "labels", "label_count": "labels"}

# What depends on the clock or on the place, not on the computation.
TIMES = {"seconds", "images_per_second", "path", "version"}


def plain(value):
    """A value of JSON without times, with keys as the older version called them."""
    if isinstance(value, dict):
        return {RENAMED.get(key, key): plain(item) for key, item in value.items() if key not in TIMES}
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
        return figures(text) if path.suffix == ".html" else text
    return data


def figures(report):
    """Every number of a report but durations and speeds: curves, tables and pictures, whatever the words around them."""
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
    print(f"  {len(same)} files, {equal} of them equal to the byte, {len(different)} different")
    sys.exit(bool(different))


if __name__ == "__main__":
    main(*sys.argv[1:])
