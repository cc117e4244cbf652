"""Runs Thaw and the Hugging Face baseline in turn and prints the table; called by compare_with_transformers.sh."""
import argparse, csv, json, os, random, shutil, statistics, subprocess, sys

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("--thaw", required=True); ap.add_argument("--python", required=True)
ap.add_argument("--rounds", type=int, default=1); ap.add_argument("--work", required=True)
ap.add_argument("--only", help="comma-separated cases, e.g. full3,preset3x3,long")
a = ap.parse_args()


def long_texts(path, rows=600):
    """Reviews of one label joined until a text has about 400 tokens (words x 1.3)."""
    table = list(csv.DictReader(open(os.path.join(here, "../assets/data/movie_reviews.csv"), encoding="utf-8")))
    pick = random.Random(0)
    by_label = {}
    for row in table: by_label.setdefault(row["sentiment"], []).append(row["review"])
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f); out.writerow(["review", "sentiment"])
        for i in range(rows):
            label = sorted(by_label)[i % len(by_label)]
            words = []
            while len(words) < 305: words += pick.choice(by_label[label]).split()
            out.writerow([" ".join(words), label])
    return path


def thaw(preset, epochs, extra):
    out = os.path.join(a.work, "run")
    shutil.rmtree(out, ignore_errors=True)
    args = [a.thaw, "train", "--json", "--freeze", preset, "--epochs", str(epochs), "--out", out]
    for name, value in extra.items(): args += ["--" + name, str(value)]
    events = [json.loads(line) for line in subprocess.run(args, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()]
    ended = events[-1]
    seen = [e for e in events if e["event"] == "epoch_ended"]
    test = next(e for e in events if e["event"] == "test_evaluated")
    return {"rows": statistics.mean(e["rows_per_sec"] for e in seen), "run": ended["train_secs"],
            "peak_mb": ended["peak_memory_bytes"] / 2**20, "accuracy": test["accuracy"], "dir": out}


def peer(preset, epochs, extra):
    args = [a.python, os.path.join(here, "hf_baseline.py"), "--preset", preset, "--epochs", str(epochs)]
    for name, value in extra.items(): args += ["--" + name, str(value)]
    r = json.loads(subprocess.run(args, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()[-1])
    return {"rows": r["train_rows_per_sec"], "run": r["run_secs"], "peak_mb": r["peak_mb"], "accuracy": r["test_accuracy"], "eval": r["eval_rows_per_sec"]}


def evaluation_rows_per_sec(run_dir, data, rows):
    """Whole `thaw evaluate` processes on all rows and on a few, so that start-up and reading cancel."""
    import time
    def secs(limit):
        began = time.perf_counter()
        subprocess.run([a.thaw, "evaluate", run_dir, "--data", limit, "--json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began
    few = os.path.join(a.work, "few.csv")
    with open(data, encoding="utf-8") as f: lines = f.readlines()
    with open(few, "w", encoding="utf-8") as f: f.writelines(lines[:41])
    return (rows - 40) / (secs(data) - secs(few))


reviews = os.path.join(here, "../assets/data/movie_reviews.csv")
joined = long_texts(os.path.join(a.work, "long.csv"))
cases = [
    ("full3", "full", 3, {}), ("preset3x3", "3", 3, {}), ("preset3x10", "3", 10, {}), ("preset1x3", "1", 3, {}), ("preset1x10", "1", 10, {}),
    ("preset2x3", "2", 3, {}), ("preset2x10", "2", 10, {}),
    ("longfull", "full", 1, {"data": joined, "batch-size": 8, "max-length": 512}), ("longpreset3x3", "3", 3, {"data": joined, "batch-size": 8, "max-length": 512}),
]
if a.only: cases = [c for c in cases if c[0] in a.only.split(",")]
print("| case | Thaw rows/s | peer rows/s | ratio | Thaw run, s | peer run, s | ratio | Thaw peak MB | peer peak MB | Thaw accuracy | peer accuracy |\n|---|---|---|---|---|---|---|---|---|---|---|")
for name, preset, epochs, extra in cases:
    ours, theirs = [], []
    for _ in range(a.rounds):
        ours.append(thaw(preset, epochs, extra)); theirs.append(peer(preset, epochs, extra))
    m = lambda runs, key: statistics.median(r[key] for r in runs)
    print(f"| {name} | {m(ours,'rows'):.0f} | {m(theirs,'rows'):.0f} | {m(ours,'rows')/m(theirs,'rows'):.1f} | {m(ours,'run'):.1f} | {m(theirs,'run'):.1f} | {m(theirs,'run')/m(ours,'run'):.1f} "
          f"| {m(ours,'peak_mb'):.0f} | {m(theirs,'peak_mb'):.0f} | {m(ours,'accuracy'):.3f} | {m(theirs,'accuracy'):.3f} |", flush=True)
    if name == "full3":
        ours_eval, theirs_eval = evaluation_rows_per_sec(ours[-1]["dir"], reviews, 10070), m(theirs, "eval")
        print(f"| evaluation | {ours_eval:.0f} | {theirs_eval:.0f} | {ours_eval/theirs_eval:.1f} | | | | | | | |", flush=True)
