"""Does the Python that Thaw writes train as Thaw does?

    python scripts/check_code.py [--thaw target/release/thaw] [--python PYTHON] [--rows 600] [--only NAME,...]

Every style of program runs for several freezings, for a plan with stages and rates for each layer, for class weights and
for pairs: the same rows, order of batches and head, no dropout. Beside it, `thaw train --json` runs with the same settings.
The first 20 losses must agree to 1e-3, and the test accuracy after the whole run within two points. One program is a
notebook, executed by nbconvert. Exit status 0 when all agree, 1 when not. `check_code.sh` brings its own Python environment.
"""
import argparse
import csv
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOSS, ACCURACY, STEPS = 1e-3, 0.02, 20
STYLES = ("trainer", "pytorch", "lecture")
PLAN = {
    "stages": [{"from_epoch": 1, "freeze": "2"}, {"from_epoch": 2, "freeze": "top:2"}],
    "learning_rates": {"layer_divisor": 2.6},
}


def pairs(path, rows):
    """Two sentences of films each, and whether they agree."""
    bundled = Path(__file__).parent.parent / "assets" / "data" / "movie_reviews.csv"
    with open(bundled, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    chance = random.Random(0)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["first", "second", "label"])
        for _ in range(rows):
            one, other = chance.sample(table, 2)
            same = "same" if one["sentiment"] == other["sentiment"] else "other"
            writer.writerow([one["review"], other["review"], same])


def cases(folder, rows):
    some = ["--max-rows", str(rows)]
    pairs(folder / "pairs.csv", rows)
    (folder / "plan.json").write_text(json.dumps(PLAN), "utf-8")
    of_pairs = ["--data", str(folder / "pairs.csv"), "--text-column", "first", "--second-text-column", "second"]
    return {
        "preset 1": ["--freeze", "1", *some],
        "preset 2": ["--freeze", "2", *some],
        "preset 3": ["--freeze", "3", *some],
        "full": ["--freeze", "full", *some],
        "stages and rates": ["--freeze", str(folder / "plan.json"), "--weight-decay", "0.01", "--warmup-ratio", "0.1", *some],
        "class weights": ["--freeze", "3", "--class-weights", "negative=3", *some],
        "pairs": ["--freeze", "3", *of_pairs],
        "4 batches a step": ["--freeze", "3", "--batch-size", "4", "--accumulate", "4", "--schedule", "cosine", *some],
        "biases with wrong labels": ["--freeze", "biases", "--flip-labels", "0.1", "--keep", "best", *some],
    }


def train(thaw, settings, folder):
    done = subprocess.run([thaw, "train", *settings, "--out", str(folder), "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8")
    if done.returncode:
        sys.exit(f"thaw train {' '.join(settings)}\n{done.stderr}")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    losses = {event["step"]: event["loss"] for event in events if event["event"] == "step"}
    [test] = [event for event in events if event["event"] == "test_evaluated"]
    return losses, test["accuracy"]


def read(text):
    losses = {int(step): float(loss) for step, loss in re.findall(r"^step (\d+) loss (\S+)$", text, re.M)}
    accuracy = re.search(r"test accuracy (\S+)$", text.strip())
    return losses, float(accuracy[1]) if accuracy else float("nan")


def run(thaw, python, settings, style, file):
    subprocess.run([thaw, "code", *settings, "--style", style, "--out", str(file)], check=True, stdout=subprocess.PIPE)
    done = subprocess.run([python, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return read(done.stdout)


def run_notebook(thaw, python, settings, style, file):
    subprocess.run([thaw, "code", *settings, "--style", style, "--notebook", "--out", str(file)], check=True,
                   stdout=subprocess.PIPE)
    subprocess.run([python, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", file.name], cwd=file.parent,
                   check=True, stderr=subprocess.PIPE)
    cells = json.loads(file.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return read("".join("".join(output["text"]) for output in outputs if output.get("name") == "stdout"))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--thaw", default="target/release/thaw", help="the program to check (target/release/thaw)")
    args.add_argument("--python", default=sys.executable, help="the Python that runs the programs (this one)")
    args.add_argument("--rows", type=int, default=600, help="rows of the data (600)")
    args.add_argument("--epochs", type=int, default=2, help="epochs of each run (2)")
    args.add_argument("--only", default="", help="only the cases of these names, with commas between")
    args = args.parse_args()
    always = ["--epochs", str(args.epochs), "--dropout", "0", "--max-length", "64"]
    failures = 0
    with tempfile.TemporaryDirectory(prefix="thaw-code-") as folder:
        folder = Path(folder)
        wanted = [name.strip() for name in args.only.split(",") if name.strip()]
        chosen = {name: own for name, own in cases(folder, args.rows).items() if not wanted or name in wanted}
        print(f"{'case':<26}{'style':<20}{'losses':>7}{'differ by':>11}{'accuracy':>10}{'Thaw':>8}{'seconds':>9}")
        for number, (name, settings) in enumerate(chosen.items()):
            settings = [*settings, *always]
            losses, accuracy = train(args.thaw, settings, folder / f"run-{number}")
            styles = [*STYLES, "pytorch notebook"] if name == "stages and rates" else STYLES
            for style in styles:
                began = time.monotonic()
                short = style.split()[0]
                if style in STYLES:
                    found, reached = run(args.thaw, args.python, settings, style, folder / f"{short}_{number}.py")
                else:
                    found, reached = run_notebook(args.thaw, args.python, settings, short, folder / f"{short}_{number}.ipynb")
                first = range(1, min(STEPS, len(losses)) + 1)
                differences = [abs(found[step] - losses[step]) for step in first if step in found]
                worst = max(differences, default=float("inf"))
                agrees = len(differences) == len(first) and worst <= LOSS and abs(reached - accuracy) <= ACCURACY
                agrees = agrees and len(found) == len(losses)
                failures += not agrees
                print(f"{name:<26}{style:<20}{len(differences):>7}{worst:>11.1e}{reached:>10.4f}{accuracy:>8.4f}"
                      f"{time.monotonic() - began:>9.1f}{'' if agrees else '  DISAGREES'}", flush=True)
    print("does not agree with Thaw" if failures else "agrees with Thaw")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
