"""How many flipped labels does `thaw labels` find?

    python scripts/suspects.py [--thaw target/release/thaw] [--freeze 1,3,full] [--share 0.03] [--seed 7] [--keep FOLDER]

Flips a share of the labels of the bundled reviews, trains a run of each preset on the flipped file, and says of the first
suspects of each (twice as many as were flipped) how many were flipped: precision, recall, and the seconds that `thaw labels`
took, the first time and again. Exit status 1 where fewer than half of the flipped labels are among them.
"""
import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUNDLED_DATA = Path(__file__).parent.parent / "assets" / "data" / "movie_reviews.csv"


def flip(to, share, seed):
    """Writes the bundled reviews with some labels flipped, and returns the row numbers of those; the header is row 1."""
    with open(BUNDLED_DATA, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    labels = sorted({row[1] for row in rows})
    flipped = random.Random(seed).sample(range(len(rows)), round(share * len(rows) / 10) * 10)
    for i in flipped:
        rows[i][1] = labels[1 - labels.index(rows[i][1])]
    with open(to, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return {i + 2 for i in flipped}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--thaw", default="target/release/thaw")
    parser.add_argument("--freeze", default="1,3,full")
    parser.add_argument("--share", type=float, default=0.03)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", help="a folder for the flipped file and the runs; those that are there are not made again")
    args = parser.parse_args()
    folder = Path(args.keep or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "flipped.csv"
    flipped = flip(data, args.share, args.seed)
    is_good = True
    for freeze in args.freeze.split(","):
        run = folder / f"run-{freeze}"
        if not run.exists():
            train = [args.thaw, "train", "--data", data, "--freeze", freeze, "--out", run, "--json"]
            subprocess.run(train, check=True, stdout=subprocess.DEVNULL)
        times = []
        for _ in range(2):
            began = time.monotonic()
            told = subprocess.run([args.thaw, "labels", run, "--json"], check=True, stdout=subprocess.PIPE).stdout
            times.append(time.monotonic() - began)
        suspects = [json.loads(line)["row"] for line in told.splitlines()]
        first = suspects[: 2 * len(flipped)]
        hits = len(flipped & set(first))
        all_hits = len(flipped & set(suspects))
        print(
            f"preset {freeze}: {hits} of {len(flipped)} flipped labels among the first {len(first)} suspects"
            f" (precision {hits / max(len(first), 1):.3f}, recall {hits / len(flipped):.3f}),"
            f" {all_hits} among all {len(suspects)}; {times[0]:.1f} s, again {times[1]:.1f} s"
        )
        is_good &= 2 * hits >= len(flipped)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
