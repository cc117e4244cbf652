"""Whether the last lines of two races' JSON tell the same, except times, memory and folders. Usage: same_lines.py A B"""
import json
import sys

TIMES = {"train_secs", "shared_secs", "peak_memory_bytes", "race_dir", "run_dir"}


def timeless(value):
    if isinstance(value, dict):
        return {name: timeless(inner) for name, inner in value.items() if name not in TIMES}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


last = [timeless(json.loads(open(path).read().splitlines()[-1])) for path in sys.argv[1:3]]
if last[0] != last[1]:
    print(f"the last lines differ:\n  {json.dumps(last[0])}\n  {json.dumps(last[1])}")
    sys.exit(1)
