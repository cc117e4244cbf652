"""Does Hugging Face transformers predict with a model that Thaw saved what Thaw predicts with it?

    python scripts/check_with_transformers.py RUN_DIR [--thaw target/release/thaw] [--texts 200]

RUN_DIR is a run folder (`thaw train --out RUN_DIR`), whose own test texts are used (both, where it was trained on pairs), or
any Hugging Face sequence-classification folder; and a few odd sentences with either. The folder must load without a weight missing or left over;
every text must get the same label, and probabilities and logits (up to the constant that a softmax drops) within 1e-3.
Exit status 0 when all agree, 1 when not. `check_with_transformers.sh` brings its own Python environment.
"""
import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = 1e-3
BUNDLED_DATA = Path(__file__).parent.parent / "assets" / "data" / "movie_reviews.csv"
SENTENCES = [
    "A wonderful little production.",
    "Flat, joyless and two hours too long; not even the café scene at the end helps.",
    "no",
    "The acting is superb, the script less so, but I would see it again. " * 40,
    "정말 재미있는 영화였습니다. 다시 보고 싶어요!",
    "Ünïcödé, 日本語 and 🎬 in one line",
]


def test_texts(run_dir, settings, limit):
    """The run's test texts, spread evenly over the test set, each a list of one or two; newlines and tabs become spaces, since
    `thaw predict` reads lines."""
    splits = json.loads((run_dir / "splits.json").read_text("utf-8"))
    path = Path(splits["files"]["test"] or BUNDLED_DATA)
    data = settings["data"]
    whatwg = {"utf-8": "utf-8-sig", "euc-kr": "cp949", "utf-16le": "utf-16", "utf-16be": "utf-16"}
    encoding = whatwg.get(data["encoding"].lower(), data["encoding"])
    csv.field_size_limit(2**31 - 1)
    with open(path, encoding=encoding, newline="") as file:
        records = list(csv.reader(file, delimiter=data["delimiter"]))
    header = [name.strip() for name in records[0]]
    columns = [header.index(data[key].strip()) for key in ("text_column", "second_text_column") if data.get(key)]
    rows = splits["test"]
    rows = rows[:: max(1, len(rows) // limit)][:limit]
    texts = ([" ".join(records[row - 1][column].split()) for column in columns] for row in rows)
    return [row for row in texts if all(row)]


def thaw_predictions(thaw, run_dir, texts):
    lines = "\n".join("\t".join(row) for row in texts) + "\n"
    done = subprocess.run([thaw, "predict", str(run_dir), "--json"], input=lines,
                          stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


@torch.no_grad()
def transformers_logits(model, tokeniser, texts, max_length):
    parts = []
    for start in range(0, len(texts), 16):
        columns = [list(column) for column in zip(*texts[start : start + 16])]
        batch = tokeniser(*columns, padding=True, truncation=True, max_length=max_length, return_tensors="pt")
        parts.append(model(**batch).logits.double())
    return torch.cat(parts)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("run_dir", type=Path)
    args.add_argument("--thaw", default="target/release/thaw", help="the program to check (target/release/thaw)")
    args.add_argument("--texts", type=int, default=200, help="how many test texts to compare at most (200)")
    args.add_argument("--max-length", type=int, help="tokens of a text that are read (the run's own, else the model's)")
    args.add_argument("--least-spread", type=float, default=0.0, help="how far a logit must differ between texts (0)")
    args = args.parse_args()

    model, loading = AutoModelForSequenceClassification.from_pretrained(args.run_dir, output_loading_info=True)
    model.eval()
    tokeniser = AutoTokenizer.from_pretrained(args.run_dir)
    failures = [f"{what}: {names}" for what, names in loading.items() if names]
    labels = [model.config.id2label[i] for i in range(model.config.num_labels)]

    settings_file = args.run_dir / "settings.json"
    settings = json.loads(settings_file.read_text("utf-8")) if settings_file.exists() else None
    if settings is None:
        texts, max_length = [[text] for text in SENTENCES], args.max_length or tokeniser.model_max_length
    else:
        texts = test_texts(args.run_dir, settings, args.texts)
        are_pairs = bool(settings["data"].get("second_text_column"))
        texts += [[a, b] if are_pairs else [a] for a, b in zip(SENTENCES, SENTENCES[::-1])]
        max_length = args.max_length or settings["config"]["training"]["max_length"]
        if labels != settings["labels"]:
            failures.append(f"id2label {labels} is not the run's {settings['labels']}")

    ours = thaw_predictions(args.thaw, args.run_dir, texts)
    logits = transformers_logits(model, tokeniser, texts, max_length)
    if [[p["text"], *([p["second"]] if "second" in p else [])] for p in ours] != texts:
        failures.append(f"thaw answered {len(ours)} of {len(texts)} texts, or other texts")
        return report(failures)
    try:
        found = torch.tensor([[p["probabilities"][label] for label in labels] for p in ours], dtype=torch.float64)
    except KeyError as label:
        return report([*failures, f"thaw gives no probability for {label}"])

    expected = logits.softmax(-1)
    worst_probability = (found - expected).abs().max().item()
    # A softmax forgets a constant: compare what is left when each row's mean is taken off.
    centred = lambda x: x - x.mean(-1, keepdim=True)
    worst_logit = (centred(found.clamp_min(1e-300).log()) - centred(logits)).abs().max().item()
    top = expected.topk(2).values
    for prediction, row, sure in zip(ours, logits, (top[:, 0] - top[:, 1]).tolist()):
        label = labels[row.argmax()]
        if prediction["label"] != label and sure > TOLERANCE:
            failures.append(f"{prediction['text'][:60]!r}: thaw says {prediction['label']}, transformers {label}")
    for what, worst in (("probability", worst_probability), ("logit", worst_logit)):
        if not worst <= TOLERANCE:
            failures.append(f"largest difference of a {what}: {worst:.2e}, above {TOLERANCE}")
    spread = (centred(logits).amax(0) - centred(logits).amin(0)).max().item()
    if spread < args.least_spread:
        failures.append(f"predictions are too much alike to compare: logits differ by {spread:.2e} between texts")
    print(f"{len(texts)} texts, {len(labels)} labels: largest difference {worst_probability:.1e} of a probability, "
          f"{worst_logit:.1e} of a logit; logits differ by {spread:.2f} between texts")
    return report(failures)


def report(failures):
    for failure in failures:
        print(f"MISMATCH {failure}", file=sys.stderr)
    print("does not agree with transformers" if failures else "agrees with transformers")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
