#!/usr/bin/env bash
# Milliseconds per training step: slgan on its CPU backend and the same step in PyTorch, alternately on this machine.
# Usage: benches/peers/compare.sh [PRESET] [THREADS]
# SLGAN and PYTHON name the programs if they are not target/release/slgan and python3. slgan makes glibc's allocator
# keep freed memory, so PyTorch gets the same settings.
set -euo pipefail

preset=${1:-tiny}
threads=${2:-1}
steps=${STEPS:-60}
here=$(cd "$(dirname "$0")" && pwd)
slgan=${SLGAN:-$here/../../target/release/slgan}
python=${PYTHON:-python3}
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# Skips the first event, because its time includes the start of the run.
step_milliseconds='
import json, statistics, sys
events = [json.loads(line) for line in open(sys.argv[1])]
batch = next(event for event in events if event["event"] == "started")["config"]["batch"]
speeds = [event["images_per_second"] for event in events if event["event"] == "step"][1:]
print(f"{1000 * batch / statistics.median(speeds):.3f}")
'

# step.py leaves out the loss on self-labelled images and its shifts, so slgan must leave them out too.
ours() {
    RAYON_NUM_THREADS=$threads "$slgan" train --quiet --data glyphs --preset "$preset" --steps "$steps" --device cpu \
        --out "$runs/$1" --set report.log_every=10 --set report.sample_every=0 --set report.evaluate_every=0 \
        --set report.checkpoint_every=0 --set classifier.self_weight=0 --set classifier.few_labels=0
    "$python" -c "$step_milliseconds" "$runs/$1/events.jsonl"
}

theirs() {
    MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=2147483647 MALLOC_TOP_PAD_=67108864 \
        "$python" "$here/step.py" --preset "$preset" --threads "$threads" --steps $((steps - 10)) --warm-up 10 --json |
        "$python" -c 'import json, sys; print(json.load(sys.stdin)["milliseconds_per_step"])'
}

for round in 1 2 3; do
    ours "$round" | tee -a "$runs/ours"
    theirs | tee -a "$runs/theirs"
done

"$python" - "$runs" "$preset" "$threads" <<'SUMMARY'
import statistics, sys
folder, preset, threads = sys.argv[1:]
ours, theirs = (statistics.median(map(float, open(f"{folder}/{name}"))) for name in ("ours", "theirs"))
print(f"{preset}, {threads} thread(s): slgan {ours:.1f} ms, PyTorch {theirs:.1f} ms/step, ratio {ours / theirs:.2f}")
SUMMARY
