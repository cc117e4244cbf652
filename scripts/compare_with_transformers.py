"""Thaw beside Hugging Face Trainer and ONNX Runtime on this machine: same model, data, batches and epochs, one side after the other.

Prints one Markdown table. Each line is one measure of one case: Thaw's figure, the figure of what stands beside it, the ratio
(above 1: Thaw is ahead; for memory: Thaw's share), and what is to be reached. Figures are medians over the rounds; sides take turns in
beginning a round.
"""
import argparse, csv, datetime, json, os, platform, random, re, shutil, statistics, subprocess, sys, threading, time
from dataclasses import dataclass, field

here = os.path.dirname(os.path.abspath(__file__))
assets = os.path.join(here, "../assets")
reviews = os.path.join(assets, "data/movie_reviews.csv")
RESTRICTED = {"native": {}, "avx2": {"THAW_CPU": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}}
PREDICT_WITH = {"Trainer": "trainer", "Trainer sorted": "trainer-sorted", "ONNX Runtime": "onnxruntime"}
# Hidden size, layers, inner size of the feed-forward part, attention heads.
SHAPES = {"bundled": (384, 6, 1536, 12), "base": (768, 12, 3072, 12), "large": (1024, 24, 4096, 16)}

choice = lambda *names: lambda given: [n if n in names else ap.error(f"{n}: not one of {', '.join(names)}") for n in given.split(",")]
ap = argparse.ArgumentParser(prog="compare_with_transformers.sh", usage="%(prog)s [ROUNDS] [options]", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                             epilog="Options take several values with commas between them. THAW_BIN, THAW_PYTHON: a binary and a Python to take instead of building and installing.")
ap.add_argument("--model-size", type=choice(*SHAPES), default=["bundled"], help="bundled (default): the bundled model and reviews; base, large: random weights of that size, 120 texts of up to 256 tokens")
ap.add_argument("--precision", type=choice("f32", "bf16"), default=["f32"], help="f32 (default), bf16: of Thaw and of Trainer; bf16 also beside what f32 does")
ap.add_argument("--frozen-precision", type=choice("f32", "bf16", "int8"), default=["f32"], help="f32 (default), bf16, int8: of Thaw's frozen layers, in the cases of preset 3, beside Thaw in f32")
ap.add_argument("--cpu", type=choice(*RESTRICTED), default=["native"], help="native (default), avx2: both sides without AVX-512")
ap.add_argument("--only", help="only these cases, e.g. full3,preset3x3,long-full,full1,predict,seeds; --list tells all")
ap.add_argument("--rows", type=int, default=0, help="only so many of the bundled reviews, for a shorter comparison")
ap.add_argument("--list", action="store_true", help="list the cases and end")
for hidden in ("--thaw", "--python", "--work"): ap.add_argument(hidden, help=argparse.SUPPRESS)
ap.add_argument("--rounds", type=int, default=1, help=argparse.SUPPRESS)
a = ap.parse_args()


@dataclass(frozen=True)
class Side:
    """One program in one precision. `frozen`: the precision of Thaw's frozen layers; `seed` also decides the split."""
    tool: str
    precision: str = "f32"
    frozen: str = "f32"
    seed: int = 42

    def __str__(self): return self.tool + " " + self.precision + (f", frozen {self.frozen}" if self.frozen != "f32" else "")


@dataclass
class Case:
    """`kind`: train, predict or seeds. `measures`: of a training, in the order in which the table tells them."""
    name: str
    kind: str
    preset: str = "full"
    epochs: int = 1
    data: dict = field(default_factory=dict)
    measures: tuple = ()
    alone: bool = False


def cases_of(size):
    if size == "bundled":
        some = {"max-rows": a.rows} if a.rows else {}
        long = {"data": "made:long.csv", "text-column": "text", "label-column": "label", "batch-size": 8, "max-length": 512}
        listed = [Case("full3", "train", "full", 3, some, ("rows/s", "run s", "peak MB", "accuracy", "share of peak"))]
        listed += [Case(f"preset{p}x{e}", "train", p, e, some, ("run s", "first epoch s", "peak MB", "accuracy")) for p, e in [("3", 3), ("3", 10), ("2", 3), ("2", 10), ("1", 3), ("1", 10)]]
        listed += [Case("long-full", "train", "full", 1, long, ("rows/s", "run s", "peak MB")), Case("long-preset3", "train", "3", 3, long, ("run s", "first epoch s", "peak MB"))]
        return listed + [Case("predict", "predict", data=some), Case("seeds", "seeds", epochs=3, data=some)]
    data = {"model": "made:" + size, "data": "made:news.csv", "text-column": "text", "label-column": "label", "batch-size": 8, "max-length": 256}
    return [Case("full1", "train", "full", 1, data, ("rows/s", "run s", "first epoch s", "peak MB", "share of peak")),
            Case("preset3x3", "train", "3", 3, data, ("run s", "first epoch s", "peak MB", "accuracy")),
            Case("full1-batch64", "train", "full", 1, data | {"batch-size": 64}, ("peak MB",), alone=True),
            Case("predict", "predict", data=data)]


# (size, cpu, case, measure, what stands beside Thaw, Thaw's precision[+ frozen layers']) -> what is to be reached. A number is the least ratio, for
# memory the greatest; "<= x" is of Thaw's own figure; "+- x" is of the difference between both.
GOALS = {
    ("bundled", "native", "full3", "rows/s", "Trainer f32", "f32"): 2.0, ("bundled", "native", "full3", "rows/s", "Trainer f32", "bf16"): 4.0,
    ("bundled", "native", "full3", "rows/s", "Trainer bf16", "bf16"): 2.6, ("bundled", "native", "full3", "rows/s", "Thaw f32", "bf16"): 1.5,
    ("bundled", "native", "full3", "peak MB", "Trainer f32", "f32"): 0.5, ("bundled", "native", "full3", "share of peak", "PyTorch's product", "f32"): 0.6,
    **{("bundled", "native", f"preset{p}x{e}", "run s", "Trainer f32", "f32"): goal for p, e, goal in [(3, 3, 6), (3, 10, 12), (2, 3, 6), (2, 10, 20), (1, 3, 6), (1, 10, 20)]},
    ("bundled", "native", "long-full", "rows/s", "Trainer f32", "f32"): 1.3, ("bundled", "native", "long-preset3", "run s", "Trainer f32", "f32"): 4.0,
    ("bundled", "native", "predict", "evaluation rows/s", "Trainer f32", "f32"): 2.2,
    **{("bundled", "native", "seeds", f"preset {p}", "Thaw f32", "bf16"): "+- 0.005" for p in ["1", "2", "3", "full"]},
    **{("bundled", "native", "seeds", f"preset {p}", "Thaw f32", f"{precision}+int8"): "+- 0.005" for p in ["1", "2", "3"] for precision in ["f32", "bf16"]},
    **{(size, "native", "predict", f"{what} rows/s", *pair): 1.5 for size in ["bundled", "base"] for what in ["evaluation", "prediction"]
       for pair in [("Trainer bf16", "bf16"), ("Trainer sorted bf16", "bf16"), ("ONNX Runtime f32", "f32")]},
    ("base", "native", "full1", "run s", "Trainer f32", "f32"): 1.3, ("base", "native", "full1", "rows/s", "Thaw f32", "bf16"): 1.6,
    ("base", "native", "full1", "rows/s", "Trainer bf16", "bf16"): 1.7, ("base", "native", "full1-batch64", "peak MB", "-", "f32"): "<= 2600",
    ("base", "native", "preset3x3", "first epoch s", "Thaw f32", "f32+int8"): 2.2, ("large", "native", "preset3x3", "peak MB", "Thaw f32", "f32+int8"): "<= 1000",
    ("bundled", "avx2", "full3", "rows/s", "Trainer f32", "f32"): 2.0, ("base", "avx2", "full1", "rows/s", "Trainer f32", "f32"): 1.3,
}


def sides_beside(case, cpu):
    """Each Thaw to measure, and what stands beside it."""
    pairs = {}
    for precision in a.precision:
        ours = Side("Thaw", precision)
        beside = [] if case.alone or case.kind == "seeds" else [Side("Trainer", precision)]
        # ONNX Runtime can't be told to leave out AVX-512.
        if case.kind == "predict": beside += [Side("Trainer sorted", precision)] + ([Side("ONNX Runtime")] if cpu == "native" else [])
        if precision != "f32": beside += [Side("Thaw")] + ([Side("Trainer")] if case.kind == "train" and not case.alone else [])
        pairs[ours] = beside
        # "seeds" goes through the presets itself.
        if (case.kind == "train" and case.preset == "3") or case.kind == "seeds":
            for frozen in a.frozen_precision:
                if frozen != "f32": pairs[Side("Thaw", precision, frozen)] = [Side("Thaw")]
    return pairs


def long_texts(path, rows, length):
    """Reviews of one label joined until a text has `length()` words, which are 1.3 tokens each."""
    table = list(csv.DictReader(open(reviews, encoding="utf-8")))
    pick, by_label = random.Random(0), {}
    for row in table: by_label.setdefault(row["sentiment"], []).append(row["review"])
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f); out.writerow(["text", "label"])
        for i in range(rows):
            label, words, least = sorted(by_label)[i % len(by_label)], [], length(pick)
            while len(words) < least: words += pick.choice(by_label[label]).split()
            out.writerow([" ".join(words), label])


def path_of(value):
    """The path of a data file or model; "made:" ones are made when they are first asked for."""
    if not str(value).startswith("made:"): return str(value)
    name = value.removeprefix("made:")
    path = os.path.join(a.work, name)
    if os.path.exists(path): return path
    if name == "long.csv": long_texts(path, 600, lambda pick: 305)
    elif name == "news.csv": long_texts(path, 120, lambda pick: int(pick.lognormvariate(5.6, 0.5)))
    else:
        hidden, layers, inner, heads = SHAPES[name]
        code = ("import sys, torch; from transformers import BertConfig, BertForSequenceClassification as Model\ntorch.manual_seed(0)\n"
                f"Model(BertConfig(hidden_size={hidden}, num_hidden_layers={layers}, intermediate_size={inner}, num_attention_heads={heads})).save_pretrained(sys.argv[1])")
        output([a.python, "-c", code, path])
        for f in ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"]: shutil.copy(os.path.join(assets, "model", f), path)
    return path


def flags(of):
    return [word for name, value in of.items() for word in ("--" + name, path_of(value))]


def output_and_peak(args, cpu="native"):
    """The lines that a process prints, and the most memory that the whole process had resident, in MiB."""
    errors = open(os.path.join(a.work, "errors"), "w+")
    with errors, subprocess.Popen(args, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | RESTRICTED[cpu]) as process:
        peaks = [0]
        watch = threading.Thread(target=watch_peak, args=(process.pid, peaks))
        watch.start()
        lines = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(args)}\nended with {process.returncode}: {errors.read()[-2000:]}")
    return lines, max(usage.ru_maxrss, *peaks) / 1024


def watch_peak(pid, peaks):
    """Notes the peak of a process, in KiB, as long as it lives. A process may begin the measure anew, as Thaw does for each run,
    so that the peak at its end need not be the highest."""
    while True:
        try:
            with open(f"/proc/{pid}/status") as status:
                found = re.search(r"VmHWM:\s+(\d+)", status.read())
        except OSError:
            return
        if not found: return
        peaks.append(int(found[1]))
        time.sleep(0.1)


def output(args, cpu="native"):
    return output_and_peak(args, cpu)[0]


def precision_flags(command, side):
    """A Thaw from before the flags computes in f32."""
    wanted = {"precision": side.precision} | ({"frozen-precision": side.frozen} if command == "train" else {})
    known = "\n".join(output([a.thaw, command, "--help"]))
    return flags({name: value for name, value in wanted.items() if value != "f32" or f"--{name}" in known})


def train(side, case, cpu, preset=None):
    preset = preset or case.preset
    if side.tool == "Trainer":
        args = ["--preset", preset, "--epochs", str(case.epochs), "--seed", str(side.seed)] + (["--bf16"] if side.precision == "bf16" else [])
        lines, _ = output_and_peak([a.python, os.path.join(here, "hf_baseline.py"), *args, *flags(case.data)], cpu)
        r = json.loads(lines[-1])
        return {"rows/s": r["train_rows_per_sec"], "run s": r["run_secs"], "first epoch s": r["first_epoch_secs"], "peak MB": r["peak_mb"],
                "accuracy": r["test_accuracy"], "mean tokens": r["mean_tokens"]}
    out = os.path.join(a.work, "run")
    shutil.rmtree(out, ignore_errors=True)
    seeds = ["--seed", str(side.seed), "--split-seed", str(side.seed)]
    lines, peak_mb = output_and_peak([a.thaw, "train", "--json", "--freeze", preset, "--epochs", str(case.epochs), "--out", out, *seeds,
                                      *precision_flags("train", side), *flags(case.data)], cpu)
    events = [json.loads(line) for line in lines]
    epochs = [e for e in events if e["event"] == "epoch_ended"]
    return {"rows/s": statistics.harmonic_mean([e["rows_per_sec"] for e in epochs]), "run s": events[-1]["train_secs"], "first epoch s": epochs[0]["elapsed_secs"],
            "peak MB": peak_mb, "accuracy": next(e for e in events if e["event"] == "test_evaluated")["accuracy"]}


def trained(case):
    """A run whose model all sides predict with."""
    out = os.path.join(a.work, "trained-" + case.data.get("model", "bundled").removeprefix("made:"))
    if not os.path.exists(out): output([a.thaw, "train", "--json", "--freeze", "1", "--epochs", "1", "--out", out, *flags({**case.data, "max-rows": 40})])
    return out


def predict(side, case, cpu):
    run = trained(case)
    data = {"model": run, "data": case.data.get("data", reviews), "max-length": case.data.get("max-length", 128), **{n: case.data[n] for n in ("text-column", "label-column") if n in case.data}}
    many, few = (120, 8) if "model" in case.data else (min(a.rows or 3000, 10000), 40)
    if side.tool != "Thaw":
        args = ["--predict-with", PREDICT_WITH[side.tool], "--max-rows", str(many)] + (["--bf16"] if side.precision == "bf16" else [])
        rate = json.loads(output([a.python, os.path.join(here, "hf_baseline.py"), *args, *flags(data)], cpu)[-1])["eval_rows_per_sec"]
        return {"evaluation rows/s": rate, "prediction rows/s": rate}
    # Whole processes on many rows and on a few, so that starting cancels; reading and tokenising count.
    source = list(csv.reader(open(path_of(data["data"]), encoding="utf-8", newline="")))
    def secs(command, rows):
        path = os.path.join(a.work, "predict.csv")
        with open(path, "w", encoding="utf-8", newline="") as f: csv.writer(f).writerows([source[0], *random.Random(0).sample(source[1:], rows)])
        columns = {n: v for n, v in data.items() if n == "text-column" or (n == "label-column" and command == "evaluate")}
        args = [a.thaw, command, run, "--data", path, "--json", *precision_flags(command, side), *flags(columns)]
        began = time.perf_counter(); output(args, cpu)
        return time.perf_counter() - began
    return {f"{name} rows/s": (many - few) / (secs(command, many) - secs(command, few)) for name, command in [("evaluation", "evaluate"), ("prediction", "predict")]}


def seeds(side, case, cpu):
    """The mean test accuracy of three seeds in each preset; int8 says nothing where no layer is frozen."""
    presets = ["1", "2", "3"] + (["full"] if side.frozen == "f32" else [])
    return {f"preset {p}": statistics.mean(train(Side(side.tool, side.precision, side.frozen, seed), case, cpu, p)["accuracy"] for seed in (42, 43, 44)) for p in presets}


def matmul_peak(precision, cpu):
    """GFLOP/s of the best of some plain products of 2048 x 2048 matrices in PyTorch, on all cores."""
    dtype = {"f32": "float32", "bf16": "bfloat16"}[precision]
    code = (f"import torch, time\nx, y = torch.rand(2048, 2048).to(torch.{dtype}), torch.rand(2048, 2048).to(torch.{dtype})\nbest = 9e9\n"
            "for _ in range(12):\n t = time.perf_counter(); x @ y; best = min(best, time.perf_counter() - t)\nprint(2 * 2048**3 / best / 1e9)")
    return float(output([a.python, "-c", code], cpu)[-1])


def processor():
    try:
        with open("/proc/cpuinfo") as f: return next(line.split(":")[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration): return platform.processor() or platform.machine()


def judged(measure, ours, other, goal):
    """The ratio and whether it is reached. More rows a second, fewer seconds: ahead."""
    if measure == "accuracy" or measure.startswith("preset"): ratio, shown = ours - other, f"{ours - other:+.3f}"
    elif other is None: ratio, shown = None, ""
    else:
        ratio = other / ours if measure.endswith(" s") else ours / other
        shown = f"{ratio:.2f}"
    if goal is None: return shown, "", ""
    if isinstance(goal, str):
        sign, bound = goal.split()
        met = ours <= float(bound) if sign == "<=" else abs(ratio) <= float(bound) + 1e-9
    else:
        met = ratio <= goal if measure.endswith("MB") else ratio >= goal
    return shown, str(goal).replace("+-", "±").replace("<=", "≤"), "yes" if met else "**no**"


def shown(measure, value):
    if value is None: return ""
    return f"{value:.3f}" if measure == "accuracy" or measure.startswith("preset") else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def compare(size, cpu, case):
    pairs = sides_beside(case, cpu)
    sides = list(dict.fromkeys([*pairs, *(side for beside in pairs.values() for side in beside)]))
    taken, peaks = {side: [] for side in sides}, {p: [] for p in a.precision}
    for round in range(a.rounds):
        if "share of peak" in case.measures:
            for precision in a.precision: peaks[precision].append(matmul_peak(precision, cpu))
        for side in sides if round % 2 == 0 else reversed(sides):
            taken[side].append({"train": train, "predict": predict, "seeds": seeds}[case.kind](side, case, cpu))
    medians = {side: {m: statistics.median(r[m] for r in runs) for m in runs[0]} for side, runs in taken.items()}

    def line(measure, ours, other, our_value, other_value):
        key = ours.precision + ("+" + ours.frozen if ours.frozen != "f32" else "")
        ratio, goal, met = judged(measure, our_value, other_value, GOALS.get((size, cpu, case.name, measure, str(other), key)))
        print(f"| {size} | {cpu} | {case.name} | {measure} | {ours} | {shown(measure, our_value)} | {other} | {shown(measure, other_value)} | {ratio} | {goal} | {met} |", flush=True)

    for measure in case.measures or list(medians[sides[0]]):
        for ours, beside in pairs.items():
            if measure == "share of peak":
                # Nominal work of full fine-tuning: 2 operations forward and 4 backward for each weight of the encoder and token.
                hidden, layers, inner, _ = SHAPES[size]
                tokens = next((m["mean tokens"] for side, m in medians.items() if side.tool == "Trainer"), None)
                if tokens and ours.frozen == "f32":
                    work = 6 * layers * (4 * hidden * hidden + 2 * hidden * inner) * tokens * medians[ours]["rows/s"] / 1e9
                    line(measure, ours, "PyTorch's product", work, statistics.median(peaks[ours.precision]))
                continue
            for other in beside or ["-"]:
                if measure in medians[ours]: line(measure, ours, other, medians[ours][measure], None if other == "-" else medians[other][measure])


def main():
    everything = [(size, cpu, case) for size in a.model_size for cpu in a.cpu for case in cases_of(size)]
    if a.list:
        for size in SHAPES: print(f"{size}: {', '.join(case.name for case in cases_of(size))}")
        return
    known = {case.name for _, _, case in everything}
    if a.only and (strange := set(a.only.split(",")) - known): ap.error(f"no such case: {', '.join(strange)} (there are {', '.join(sorted(known))})")
    # Three seeds of four presets say something only of two precisions.
    is_asked = lambda case: case.name in a.only.split(",") if a.only else case.kind != "seeds"
    versions = output([a.python, "-c", "import torch, transformers, onnxruntime as o; print('torch', torch.__version__, 'transformers', transformers.__version__, 'onnxruntime', o.__version__)"])[-1]
    print(f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores, {output([a.thaw, '--version'])[-1]}, {versions}; {a.rounds} round(s), medians; {a.rows or 'all'} reviews; "
          "predictions: Trainer takes rows as they come, 64 to a batch; sorted and ONNX Runtime: by length, 16 to a batch; padded to the longest of the batch\n")
    print("| model | processor | case | measure | Thaw | | beside | | ratio | to reach | reached |\n" + "|---" * 11 + "|", flush=True)
    for size, cpu, case in everything:
        if is_asked(case): compare(size, cpu, case)


main()
