"""Runs Thaw and the Hugging Face baseline in turn and prints the table; called by compare_with_transformers.sh."""
import argparse, csv, datetime, json, os, platform, random, shutil, statistics, subprocess, time

here = os.path.dirname(os.path.abspath(__file__))
reviews = os.path.join(here, "../assets/data/movie_reviews.csv")
# Numbers in the weight matrices of the bundled model's six encoder layers: what full fine-tuning multiplies by,
# 2 operations forward and 4 backward a token.
ENCODER_WEIGHTS = 6 * (4 * 384 * 384 + 2 * 384 * 1536)

ap = argparse.ArgumentParser()
ap.add_argument("--thaw", required=True); ap.add_argument("--python", required=True); ap.add_argument("--work", required=True)
ap.add_argument("--rounds", type=int, default=1)
ap.add_argument("--rows", type=int, default=0, help="only so many of the reviews, for a shorter comparison; 0: all")
ap.add_argument("--only", help="comma-separated cases, e.g. full3,preset3x3,long-full")
a = ap.parse_args()


def long_texts(path, rows=600):
    """Reviews of one label joined until a text has about 400 tokens (words x 1.3)."""
    table = list(csv.DictReader(open(reviews, encoding="utf-8")))
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


def output(args):
    return subprocess.run(args, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()


def output_and_peak(args):
    """The lines that a process prints, and the most memory that the whole process had resident, in MiB. Thaw itself tells what a run needs."""
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        lines = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode: raise subprocess.CalledProcessError(process.returncode, args)
    return lines, usage.ru_maxrss / 1024


def thaw(preset, epochs, extra):
    out = os.path.join(a.work, "run")
    shutil.rmtree(out, ignore_errors=True)
    args = [a.thaw, "train", "--json", "--freeze", preset, "--epochs", str(epochs), "--out", out]
    for name, value in extra.items(): args += ["--" + name, str(value)]
    lines, peak_mb = output_and_peak(args)
    events = [json.loads(line) for line in lines]
    ended, test = events[-1], next(e for e in events if e["event"] == "test_evaluated")
    epoch_rates = [e["rows_per_sec"] for e in events if e["event"] == "epoch_ended"]
    return {"rows": statistics.harmonic_mean(epoch_rates), "run": ended["train_secs"], "peak_mb": peak_mb,
            "accuracy": test["accuracy"], "dir": out}


def peer(preset, epochs, extra):
    args = [a.python, os.path.join(here, "hf_baseline.py"), "--preset", preset, "--epochs", str(epochs)]
    for name, value in extra.items(): args += ["--" + name, str(value)]
    r = json.loads(output(args)[-1])
    return {"rows": r["train_rows_per_sec"], "run": r["run_secs"], "peak_mb": r["peak_mb"], "accuracy": r["test_accuracy"], "eval": r["eval_rows_per_sec"]}


def evaluation_rows_per_sec(run_dir):
    """Whole `thaw evaluate` processes on all rows and on a few, so that start-up and reading cancel."""
    with open(reviews, encoding="utf-8") as f: lines = f.readlines()
    def secs(rows):
        path = os.path.join(a.work, "evaluate.csv")
        with open(path, "w", encoding="utf-8") as f: f.writelines(lines[:rows + 1])
        began = time.perf_counter()
        output([a.thaw, "evaluate", run_dir, "--data", path, "--json"])
        return time.perf_counter() - began
    many, few = 10000, 40
    return (many - few) / (secs(many) - secs(few))


def matmul_peak():
    """GFLOP/s of the best of some plain f32 products of 2048 x 2048 matrices in PyTorch, on all cores."""
    code = ("import torch, time\nx, y = torch.rand(2048, 2048), torch.rand(2048, 2048)\nbest = 9e9\n"
            "for _ in range(12):\n t = time.perf_counter(); x @ y; best = min(best, time.perf_counter() - t)\nprint(2 * 2048**3 / best / 1e9)")
    return float(output([a.python, "-c", code])[-1])


def mean_tokens():
    code = ("import sys, csv; from transformers import AutoTokenizer\nt = AutoTokenizer.from_pretrained(sys.argv[1])\n"
            "rows = [r['review'] for r in csv.DictReader(open(sys.argv[2], encoding='utf-8'))]\n"
            "ids = t(rows, truncation=True, max_length=128)['input_ids']\nprint(sum(map(len, ids)) / len(ids))")
    return float(output([a.python, "-c", code, os.path.join(here, "../assets/model"), reviews])[-1])


def processor():
    try:
        with open("/proc/cpuinfo") as f: return next(line.split(":")[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration): return platform.processor() or platform.machine()


joined = long_texts(os.path.join(a.work, "long.csv"))
some = {"max-rows": a.rows} if a.rows else {}
long = {"data": joined, "batch-size": 8, "max-length": 512}
# name, preset, epochs, data; what is compared (rows: training rows/s; run: seconds of the whole run) and the ratio to reach
cases = [
    ("full3", "full", 3, some, "rows", 2.0), ("preset3x3", "3", 3, some, "run", 6), ("preset3x10", "3", 10, some, "run", 12),
    ("preset2x3", "2", 3, some, "run", 6), ("preset2x10", "2", 10, some, "run", 20), ("preset1x3", "1", 3, some, "run", 6), ("preset1x10", "1", 10, some, "run", 20),
    ("long-full", "full", 1, long, "rows", 1.3), ("long-preset3", "3", 3, long, "run", 4),
]
if a.only: cases = [c for c in cases if c[0] in a.only.split(",")]

versions = output([a.python, "-c", "import torch, transformers; print('torch', torch.__version__, 'transformers', transformers.__version__)"])[-1]
print(f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores, {versions}; {a.rounds} round(s), medians; {a.rows or 'all'} reviews\n")
print("| case | | Thaw | peer | ratio | to reach | Thaw rows/s | peer rows/s | Thaw peak MB | peer peak MB | Thaw accuracy | peer accuracy |\n" + "|---" * 12 + "|", flush=True)
for name, preset, epochs, extra, what, goal in cases:
    ours, theirs, evals, peaks = [], [], [], []
    for _ in range(a.rounds):
        if name == "full3": peaks.append(matmul_peak())
        ours.append(thaw(preset, epochs, extra))
        if name == "full3": evals.append(evaluation_rows_per_sec(ours[-1]["dir"]))
        theirs.append(peer(preset, epochs, extra))
    m = lambda runs, key: statistics.median(r[key] for r in runs)
    ratio = m(ours, "rows") / m(theirs, "rows") if what == "rows" else m(theirs, "run") / m(ours, "run")
    unit, digits = ("rows/s", 0) if what == "rows" else ("s", 1)
    print(f"| {name} | {unit} | {m(ours, what):.{digits}f} | {m(theirs, what):.{digits}f} | {ratio:.1f} | {goal} | {m(ours, 'rows'):.0f} | {m(theirs, 'rows'):.0f} "
          f"| {m(ours, 'peak_mb'):.0f} | {m(theirs, 'peak_mb'):.0f} | {m(ours, 'accuracy'):.3f} | {m(theirs, 'accuracy'):.3f} |", flush=True)
    if name == "full3":
        print(f"| evaluation | rows/s | {statistics.median(evals):.0f} | {m(theirs, 'eval'):.0f} | {statistics.median(evals) / m(theirs, 'eval'):.1f} | 2.2 | | | | | | |")
        print(f"| peak memory | MB | {m(ours, 'peak_mb'):.0f} | {m(theirs, 'peak_mb'):.0f} | {m(ours, 'peak_mb') / m(theirs, 'peak_mb'):.2f} | 0.5 | | | | | | |")
        reached = 6 * ENCODER_WEIGHTS * mean_tokens() * m(ours, "rows") / 1e9
        peak = statistics.median(peaks)
        print(f"| share of matmul peak | GFLOP/s | {reached:.0f} | {peak:.0f} | {reached / peak:.2f} | 0.6 | | | | | | |", flush=True)
