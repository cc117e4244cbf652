"""Reads TensorBoard's event file of a run with PyPI's tensorboard and compares every scalar with the run's log.

python scripts/check_tensorboard.py RUN_DIR BOARD_DIR, where BOARD_DIR is RUN_DIR/tensorboard or what
`thaw export RUN_DIR --tensorboard BOARD_DIR` wrote.
"""
import json
import math
import struct
import sys
from datetime import datetime
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def single(x):
    """A number as 32 bits hold it; a number that is none in JSON is null in the log."""
    return math.nan if x is None else struct.unpack("f", struct.pack("f", x))[0]


def expected(run):
    """The scalars by tag that the log holds, as (step, value)."""
    tags, step, groups, parameters = {}, 0, [], []

    def put(tag, step, value):
        tags.setdefault(tag, []).append((step, single(value)))

    for line in (run / "steps.jsonl").read_text().splitlines():
        event = json.loads(line)
        kind = event["event"]
        if kind == "step":
            step = event["step"]
            for name in ["loss", "accuracy", "learning_rate", "grad_norm"]:
                put(f"train/{name}", step, event[name])
        elif kind == "live_validation":
            for name in ["loss", "accuracy"]:
                put(f"validation_sample/{name}", event["step"], event[name])
        elif kind == "epoch_ended":
            for name in ["train_loss", "train_accuracy", "rows_per_sec"]:
                put(f"epoch/{name}", step, event[name])
            for name in ["loss", "accuracy"]:
                put(f"validation/{name}", step, event[f"validation_{name}"])
        elif kind == "test_evaluated":
            for name in ["loss", "accuracy", "macro_f1"]:
                put(f"test/{name}", step, event[name])
        elif kind == "layer_stats":
            if event.get("parameters"):
                parameters = event["parameters"]
                groups = []
                for i, parameter in enumerate(parameters):
                    name = part(parameter["part"])
                    known = [members for known, members in groups if known == name]
                    known[0].append(i) if known else groups.append((name, [i]))
            for name, members in groups:
                put(f"drift/{name}", event["step"], drift(event, parameters, members))
                norms = [event["grad_norm"][i] for i in members if event["grad_norm"][i] is not None]
                if norms:
                    put(f"grad_norm/{name}", event["step"], math.sqrt(sum(norm**2 for norm in norms)))
    return tags


def part(part):
    if isinstance(part, dict):
        return f"layer_{next(iter(part.values()))['index']:02}"
    return part.lower()


def drift(event, parameters, members):
    if len(members) == 1:
        return event["drift"][members[0]]
    scale = lambda i: parameters[i]["norm"] or 1.0
    moved = sum((event["drift"][i] * scale(i)) ** 2 for i in members)
    initial = sum(parameters[i]["norm"] ** 2 for i in members)
    return math.sqrt(moved / (initial or 1.0))


def main(run, board):
    read = EventAccumulator(str(board), size_guidance={"scalars": 0, "images": 0, "tensors": 0}).Reload()
    wanted, found = expected(run), read.Tags()
    assert set(found["scalars"]) == set(wanted), set(found["scalars"]) ^ set(wanted)
    compared = 0
    for tag, values in wanted.items():
        events = read.Scalars(tag)
        assert len(events) == len(values), (tag, len(events), len(values))
        for event, (step, value) in zip(events, values):
            same = event.value == value or math.isnan(value) and math.isnan(event.value)
            assert event.step == step and (same or abs(event.value - value) <= 2e-6 * abs(value)), (tag, step, event, value)
            compared += 1
    settings = json.loads((run / "settings.json").read_text())
    began = datetime.strptime(settings["started"], "%Y-%m-%d %H:%M").timestamp()
    times = [event.wall_time for event in read.Scalars("train/loss")]
    assert times == sorted(times) and times[0] >= began, (began, times[:2])
    assert "test/matrix" in found["images"] and "validation/matrix" in found["images"], found["images"]
    image = read.Images("test/matrix")[0]
    assert image.encoded_image_string.startswith(b"\x89PNG") and image.width == image.height > 0
    texts = {tag: read.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in found["tensors"]}
    assert {"settings", "card"} <= set(texts) and settings["thaw"] in texts["settings"], set(texts)
    print(f"{compared} scalars of {len(wanted)} tags agree; images {found['images']}; texts {sorted(texts)}")


main(Path(sys.argv[1]), Path(sys.argv[2]))
