"""Checks a build of Thaw for a GPU on a machine that has one: every preset's losses are those of the processor, and how fast it is.

    cargo build --release --features cuda                                   # or metal
    python3 scripts/check_device.py --thaw target/release/thaw --device cuda
    python3 scripts/check_device.py --thaw ... --device cuda --speed        # beside Hugging Face Trainer on the same GPU

Losses are compared step by step over an epoch, in f32, with dropout. Trainer runs in the Python that runs this, which then needs
torch, transformers, accelerate, scikit-learn and pandas. Ends with 1 when a loss differs by more than 1e-3.
"""
import argparse, json, os, random, csv, shutil, statistics, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
assets = os.path.join(here, "../assets")
LIMIT = 1e-3
ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--thaw", required=True)
ap.add_argument("--device", default="cuda", choices=["cuda", "metal"])
ap.add_argument("--rows", type=int, default=1000, help="bundled reviews that each preset is checked on")
ap.add_argument("--speed", action="store_true", help="also time bert-base's size and the bundled model, beside Trainer (cuda)")
ap.add_argument("--speed-rows", type=int, default=600)
a = ap.parse_args()
work = tempfile.mkdtemp()


def events(*flags):
    out = os.path.join(work, "run")
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run([a.thaw, "train", "--json", "--out", out, *map(str, flags)], capture_output=True, text=True)
    if done.returncode: sys.exit(f"thaw train {' '.join(map(str, flags))} ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def check():
    """The largest difference of a step's loss between processor and GPU, preset by preset."""
    print(f"| preset | steps | largest difference of a loss | processor, test accuracy | {a.device} |\n|---|---|---|---|---|")
    worst = 0
    for preset in ["1", "2", "3", "full"]:
        runs = [events("--freeze", preset, "--epochs", 1, "--max-rows", a.rows, "--device", device) for device in ["cpu", a.device]]
        losses = [[e["loss"] for e in run if e["event"] == "step"] for run in runs]
        accuracies = [next(e["accuracy"] for e in run if e["event"] == "test_evaluated") for run in runs]
        difference = max(abs(x - y) for x, y in zip(*losses, strict=True))
        worst = max(worst, difference)
        print(f"| {preset} | {len(losses[0])} | {difference:.1e} | {accuracies[0]:.4f} | {accuracies[1]:.4f} |", flush=True)
    return worst


def texts(path):
    """Reviews joined until a text has 300 words, which 256 tokens cut."""
    rows, pick = list(csv.DictReader(open(os.path.join(assets, "data/movie_reviews.csv"), encoding="utf-8"))), random.Random(0)
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f); out.writerow(["review", "sentiment"])
        for i in range(a.speed_rows):
            words = []
            while len(words) < 300: words += pick.choice(rows)["review"].split()
            out.writerow([" ".join(words), ["negative", "positive"][i % 2]])


def speed():
    import torch
    from transformers import BertConfig, BertForSequenceClassification
    base, data = os.path.join(work, "base"), os.path.join(work, "texts.csv")
    torch.manual_seed(0)
    BertForSequenceClassification(BertConfig()).save_pretrained(base)
    for name in ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"]: shutil.copy(os.path.join(assets, "model", name), base)
    texts(data)
    print(f"\n{torch.cuda.get_device_name(0)}, PyTorch {torch.__version__}: training rows/s, everything trains, batches of 16, second epoch\n\n| model | precision | Thaw | Trainer | ratio |\n|---|---|---|---|---|")
    cases = [("bundled, 128 tokens", ["--max-rows", 2000]), ("bert-base, 256 tokens", ["--model", base, "--data", data, "--max-length", 256])]
    for name, flags in cases:
        for precision in ["f32", "bf16"]:
            ours = events("--freeze", "full", "--epochs", 2, "--device", a.device, "--precision", precision, *flags)
            ours = [e["rows_per_sec"] for e in ours if e["event"] == "epoch_ended"][-1]
            line = [sys.executable, os.path.join(here, "hf_baseline.py"), "--gpu", "--preset", "full", "--epochs", "2", *map(str, flags)] + (["--bf16"] if precision == "bf16" else [])
            theirs = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
            theirs = theirs["train_rows"] / theirs["epoch_secs"][-1]
            print(f"| {name} | {precision} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} |", flush=True)


worst = check()
if a.speed: speed()
shutil.rmtree(work)
if worst > LIMIT: sys.exit(f"A loss differs by {worst:.1e}, more than {LIMIT}.")
