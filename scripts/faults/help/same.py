"""Compares two folders that should be the same but for times and their own names.

    same.py run WHOLE CUT      two runs that came to their end: weights, metrics, log, bit for bit
    same.py race WHOLE CUT     two races, and each run of them
    same.py folder WHOLE CUT   two folders, byte for byte

Says what differs, and ends with 1 then. Clocks, the memory that was used and the folders' own names may differ.
"""
import json
import os
import sys

CLOCKS = {"elapsed_secs", "shared_secs", "rows_per_sec", "train_secs", "peak_memory_bytes", "run_dir", "started"}
OWN = CLOCKS | {"out", "runs_dir", "run_id", "saved", "checkpoint_minutes"}
SCRATCH = ("checkpoint", "running.lock")
differences = []


def timeless(value):
    if isinstance(value, dict):
        return {name: timeless(inner) for name, inner in value.items() if name not in OWN}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def read(path):
    with open(path, "rb") as file:
        return file.read()


def files(folder):
    return sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))


def content(path):
    data = read(path)
    name = os.path.basename(path)
    try:
        if name.endswith(".jsonl"):
            assert data.endswith(b"\n"), f"{path}: the last line is cut off"
            return [timeless(json.loads(line)) for line in data.splitlines()]
        if name in ("settings.json", "metrics.json", "race.json"):
            return timeless(json.loads(data))
    except ValueError as error:
        differences.append(f"{path} is damaged: {error}")
    return data


def compare(whole, cut, scratch):
    left = [name for name in os.listdir(cut) if name in scratch or name.startswith(".")]
    if left:
        differences.append(f"{cut}: left behind: {left}")
    one, other = files(whole), [name for name in files(cut) if name not in left]
    if one != other:
        differences.append(f"{cut}: other files: {sorted(set(one) ^ set(other))}")
    for name in set(one) & set(other):
        a, b = content(os.path.join(whole, name)), content(os.path.join(cut, name))
        if a != b:
            place = ""
            if isinstance(a, list):
                line = next((i for i, pair in enumerate(zip(a, b)) if pair[0] != pair[1]), min(len(a), len(b)))
                place = f" (line {line + 1} of {len(a)} and {len(b)})"
            differences.append(f"{cut}/{name} differs{place}")


kind, whole, cut = sys.argv[1:4]
try:
    compare(whole, cut, SCRATCH)
    if kind == "race":
        runs = lambda race: sorted(name for name in os.listdir(race) if os.path.isdir(os.path.join(race, name)))
        if runs(whole) != runs(cut):
            differences.append(f"{cut}: other runs: {runs(cut)}")
        for run in set(runs(whole)) & set(runs(cut)):
            compare(os.path.join(whole, run), os.path.join(cut, run), SCRATCH)
except (OSError, AssertionError) as error:
    differences.append(str(error))
for difference in differences:
    print(difference)
sys.exit(1 if differences else 0)
