"""The folder run/: what train.py found, in the form in which Thaw keeps its own runs. Only the main process writes."""

import csv
import hashlib
import json
import math
import shutil
import time
from pathlib import Path

from safetensors.torch import save_file


def write(path, text):
    """Writes a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(path)


def as_json(value):
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def share(part, whole):
    return part / whole if whole else 0.0


def confusion(truths, predicted, classes):
    """Counts of rows by true and by predicted label."""
    counts = [[0] * classes for _ in range(classes)]
    for truth, answer in zip(truths, predicted):
        counts[truth][answer] += 1
    return counts


def accuracy(counts):
    return share(sum(counts[i][i] for i in range(len(counts))), sum(map(sum, counts)))


def matrix(counts):
    """A matrix as a list of lists, or as a list of its cells where there are very many classes."""
    if len(counts) <= 150:
        return counts
    cells = [[i, j, n] for i, row in enumerate(counts) for j, n in enumerate(row) if n]
    return {"classes": len(counts), "cells": cells}


def test_report(labels, counts, loss):
    """The measures of a test."""
    classes = []
    for i, label in enumerate(labels):
        hits, support = counts[i][i], sum(counts[i])
        precision, recall = share(hits, sum(row[i] for row in counts)), share(hits, support)
        f1 = share(2 * precision * recall, precision + recall)
        classes.append({"label": label, "precision": precision, "recall": recall, "f1": f1, "support": support})
    macro_f1 = sum(one["f1"] for one in classes) / len(classes)
    return {
        "accuracy": accuracy(counts), "macro_f1": macro_f1, "loss": loss if math.isfinite(loss) else None,
        "confusion": matrix(counts), "labels": labels, "per_class": classes,
    }  # fmt: skip


def wilson_interval(p, n):
    """Wilson's 95 % score interval of a share p of n rows."""
    if not n:
        return [0.0, 1.0]
    z = 1.959963984540054
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [max((centre - spread) / (1 + z * z / n), 0.0), min((centre + spread) / (1 + z * z / n), 1.0)]


def digests(values):
    """SHA-256 of every parameter, which proves what changed and what did not."""
    return {name: hashlib.sha256(value.numpy().tobytes()).hexdigest() for name, value in values.items()}


class RunFolder:
    """run/ of the folder that `train.py` lies in."""

    def __init__(self, folder, is_main):
        self.folder, self.dir, self.is_main, self.log = Path(folder), Path(folder) / "run", is_main, None

    def is_complete(self):
        return (self.dir / "metrics.json").exists()

    def begin(self, settings):
        """A new run: its settings with the time, and its rows."""
        if self.is_main:
            self.dir.mkdir(exist_ok=True)
            write(self.dir / "settings.json", as_json({**settings, "started": time.strftime("%Y-%m-%d %H:%M")}))
            shutil.copy(self.folder / "splits.json", self.dir / "splits.json")
        self.open_log(0)

    def open_log(self, size):
        """The log, of which what was told after the checkpoint goes, because it will be told again."""
        if self.is_main:
            self.log = open(self.dir / "steps.jsonl", "r+b" if size else "wb")
            self.log.truncate(size)
            self.log.seek(size)

    def log_size(self):
        return self.log.tell() if self.is_main else 0

    def tell(self, event, **fields):
        """Adds a line to the log."""
        if self.is_main:
            self.log.write((json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n").encode())
            self.log.flush()

    def keep_model(self, model_folder, weights):
        """The model as `from_pretrained` reads it."""
        for file in model_folder.iterdir():
            if file.suffix != ".safetensors":
                shutil.copy(file, self.dir / file.name)
        save_file(weights, self.dir / "model.safetensors", metadata={"format": "pt"})

    def keep_proof(self, names, trainable, before, after):
        """What changed, bit for bit. `names` are the parameters' names in Thaw by those in Python."""
        one = lambda name: {"name": names[name], "trainable": name in trainable, "before": before[name], "after": after[name]}
        proofs = [one(name) for name in names]
        changed = [proof for proof in proofs if proof["before"] != proof["after"]]
        broken = [proof["name"] for proof in changed if not proof["trainable"]]
        proof = {"unchanged": len(proofs) - len(changed), "changed": len(changed), "broken": broken, "parameters": proofs}
        write(self.dir / "fingerprints.json", as_json(proof))
        self.tell("freeze_proven", **proof)

    def keep_answers(self, labels, parts):
        """predictions.csv. `parts` are (part, numbers of its rows, their labels' ids, their probabilities)."""
        part_file = self.dir / "predictions.csv.part"
        with open(part_file, "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["row", "split", "label", "predicted", *(f"p({label})" for label in labels)])
            for part, numbers, truths, probabilities in parts:
                for number, truth, chances in zip(numbers, truths, probabilities):
                    predicted = labels[chances.index(max(chances))]
                    table.writerow([number, part, labels[truth], predicted, *map(repr, chances)])
        part_file.replace(self.dir / "predictions.csv")

    def end(self, test, counts, epochs, steps, train_secs, memory):
        """The results, which come last: a folder without them is that of a run that did not end."""
        self.tell("test_evaluated", **test)
        end = {"outcome": "completed", "train_secs": train_secs, "shared_secs": 0.0, "peak_memory_bytes": memory}
        self.tell("run_ended", error=None, run_dir=None, **end)
        rows = sum(map(sum, counts))
        facts = {
            "test_accuracy_interval": wilson_interval(test["accuracy"], rows),
            "majority_accuracy": share(max(map(sum, counts)), rows),
        }
        write(self.dir / "metrics.json", as_json({**end, "steps": steps, "test": test, **facts, "epochs": epochs}))

    def fail(self, step, rate, train_secs):
        """The loss is no number any more."""
        args = [["step", step], ["rate", f"{rate:e}"], ["less", f"{rate / 10:e}"]]
        error = {"id": "train-not-finite-lost", "args": args}
        end = {"train_secs": train_secs, "shared_secs": 0.0, "peak_memory_bytes": 0}
        self.tell("run_ended", outcome="failed", error=error, run_dir=None, **end)
