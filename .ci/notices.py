"""The notices of everything that is linked into the program, for an archive of it.

Most licences ask that their text and the names of the authors go along with a binary. The texts are those that the
crates themselves carry; a crate without one is listed with its licence, its authors and the place of its source.
"""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTICE = re.compile(r"(licen[sc]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
HEAD = """The program slgan contains the packages below, each under the licence beside its name. Their sources are at the
addresses given, those of the Rust standard library (MIT OR Apache-2.0) at https://github.com/rust-lang/rust. The texts
of the licences, and the names that they ask for, follow the list."""


def cargo(*arguments):
    command = ["cargo", *arguments, "--offline", "--locked"]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def linked(target):
    """Metadata of the packages that are linked into the program, without those that only help to build it."""
    tree = ["tree", "--package", "slgan-native", "--target", target, "--edges", "normal,no-proc-macro"]
    lines = cargo(*tree, "--prefix", "none", "--format", "{p}").splitlines()
    names = {tuple(line.split()[:2]) for line in lines if line}
    packages = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", target))["packages"]
    found = [p for p in packages if p["source"] and (p["name"], f"v{p['version']}") in names]
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def files(package):
    """The files of a package that hold licences or notices."""
    folder = Path(package["manifest_path"]).parent
    named = sorted(path for path in folder.iterdir() if NOTICE.match(path.name) and path.suffix != ".rs")
    inner = [sorted(path.rglob("*")) if path.is_dir() else [path] for path in named]
    return [path for paths in inner for path in paths if path.is_file()]


def source(package):
    return f"https://crates.io/crates/{package['name']}/{package['version']}"


def notices(target):
    """The whole text: a list of packages, then each text once, with the packages that it is for."""
    rows, texts = [], {}
    for package in linked(target):
        name = f"{package['name']} {package['version']}"
        found = files(package)
        licence = package["license"] or f"see {package['license_file']}"
        authors = "" if found else f", by {', '.join(package['authors']) or 'its authors'}"
        rows.append(f"  {name}: {licence}{authors}\n    {source(package)}")
        for path in found:
            text = path.read_text(errors="replace").strip()
            key = " ".join(text.split())
            texts.setdefault(key, (text, []))[1].append(name)
    rule = "-" * 100
    parts = [f"{rule}\n{', '.join(dict.fromkeys(names))}\n{rule}\n\n{text}" for text, names in texts.values()]
    return "\n\n".join([HEAD, "\n".join(rows), *parts]) + "\n"
