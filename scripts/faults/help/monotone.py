"""Whether the times in a run's log and results never run backwards. Usage: monotone.py RUN"""
import json
import os
import sys

last = 0.0
for line in open(os.path.join(sys.argv[1], "steps.jsonl")):
    event = json.loads(line)
    if event["event"] in ("step", "epoch_ended") and "elapsed_secs" in event:
        now = event["elapsed_secs"]
        if event["event"] == "step":
            if now < last:
                sys.exit(f"{now} after {last}")
            last = now
        elif now < 0:
            sys.exit(f"{now} seconds")
metrics = json.load(open(os.path.join(sys.argv[1], "metrics.json")))
if not 0 <= metrics["train_secs"] < 1000:
    sys.exit(f"{metrics['train_secs']} seconds")
