"""Whether two race.json have the same plan and rows, except times and folders. Usage: same_race.py WHOLE CUT"""
import json
import sys

TIMES = {"train_secs", "shared_secs", "peak_memory_bytes", "run_dir", "started", "out"}


def timeless(value):
    if isinstance(value, dict):
        return {name: timeless(inner) for name, inner in value.items() if name not in TIMES}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


try:
    both = [timeless(json.load(open(path))) for path in sys.argv[1:3]]
except (OSError, ValueError) as error:
    sys.exit(str(error))
if both[0] != both[1]:
    print([name for name in both[0] if both[0][name] != both[1].get(name)])
    sys.exit(1)
