"""Is the map of texts what it says? Compares `thaw map` with transformers and scikit-learn.

    pip install torch transformers scikit-learn
    python scripts/map_of_texts.py RUN_DIR [--thaw target/release/thaw] [--data FILE.csv] [--layer N]

Computes the first token's vectors of the same rows with transformers, before and after fine-tuning, and says how far Thaw's
points by PCA are from scikit-learn's on them (both sides together), how Thaw's probe compares with logistic regression with
several penalties, and how trustworthy (Venna and Kaski 2001, 12 neighbours) both programs' t-SNE is, which starts after
fine-tuning from the points before it in both. `--data` is the run's file, the bundled reviews without it.
"""
import argparse
import csv
import json
import subprocess
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE, trustworthiness
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel, AutoTokenizer

ASSETS = Path(__file__).parent.parent / "assets"


def vectors(folder, texts, layer, max_length):
    tokeniser = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    layer = layer or model.config.num_hidden_layers
    found = []
    with torch.no_grad():
        for i in range(0, len(texts), 32):
            batch = tokeniser(texts[i:i + 32], truncation=True, max_length=max_length, padding=True, return_tensors="pt")
            found.append(model(**batch, output_hidden_states=True).hidden_states[layer][:, 0].numpy())
    return np.concatenate(found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--thaw", default="target/release/thaw")
    parser.add_argument("--data", default=str(ASSETS / "data" / "movie_reviews.csv"))
    parser.add_argument("--layer", type=int)
    args = parser.parse_args()

    def thaw(method):
        began = time.time()
        command = [args.thaw, "map", args.run, "--method", method, "--json"]
        lines = subprocess.run(command + (["--layer", str(args.layer)] if args.layer else []), check=True, capture_output=True)
        lines = [json.loads(line) for line in lines.stdout.splitlines()]
        print(f"thaw map --method {method}: {time.time() - began:.1f} s in all")
        return [line for line in lines if "row" in line], [line for line in lines if "layer" in line]

    (rows, probes), (moved, _) = thaw("pca"), thaw("tsne")
    settings = json.loads((Path(args.run) / "settings.json").read_text())
    splits = json.loads((Path(args.run) / "splits.json").read_text())
    with open(args.data, newline="", encoding="utf-8") as file:
        table = list(csv.reader(file))
    text_column, label_column = table[0].index(settings["data"]["text_column"]), table[0].index(settings["data"]["label_column"])
    text_of, label_of = (lambda row: table[row - 1][text_column]), (lambda row: table[row - 1][label_column])
    max_length = settings["config"]["training"]["max_length"]
    base = settings["config"]["model"]
    base = ASSETS / "model" if base == "Bundled" else base["Folder"]
    test = [row["row"] for row in rows]
    fitted = sorted(np.random.default_rng(0).permutation(splits["validation"])[:1000].tolist())
    found = {side: vectors(folder, [text_of(row) for row in test + fitted], args.layer, max_length) for side, folder in (("before", base), ("after", args.run))}
    n = len(test)
    sides = {side: all[:n].astype(np.float64) for side, all in found.items()}
    own = {"before": np.array([[r["before_x"], r["before_y"]] for r in rows]), "after": np.array([[r["x"], r["y"]] for r in rows])}
    pca = PCA(n_components=2, svd_solver="full").fit(np.concatenate([sides["before"], sides["after"]]))
    for side, x in sides.items():
        points = pca.transform(x)
        print(f"PCA {side}: furthest point {np.abs(points - own[side]).max():.1e} of a width of {np.ptp(points):.1f}")
    labels = np.array([label_of(row) for row in test]); of_fitted = [label_of(row) for row in fitted]
    told = probes[-1] if args.layer is None else probes[args.layer - 1]
    for side, x in found.items():
        x = StandardScaler().fit_transform(x)
        shares = {c: round(float((LogisticRegression(C=c, max_iter=5000).fit(x[n:], of_fitted).predict(x[:n]) == labels).mean()), 4) for c in (0.001, 0.01, 0.1, 1)}
        print(f"probe {side}: thaw {told['probe_accuracy' if side == 'after' else 'before_accuracy']:.4f}, scikit-learn on other validation rows {shares}")
    own = {"before": np.array([[r["before_x"], r["before_y"]] for r in moved]), "after": np.array([[r["x"], r["y"]] for r in moved])}
    start = "pca"
    for side, x in sides.items():
        began = time.time()
        theirs = TSNE(init=start, early_exaggeration=12 if side == "before" else 1, random_state=0).fit_transform(x.astype(np.float32))
        took, start = time.time() - began, theirs
        print(f"t-SNE {side}: trustworthiness of thaw's {trustworthiness(x, own[side], n_neighbors=12):.4f}, of scikit-learn's {trustworthiness(x, theirs, n_neighbors=12):.4f} ({took:.1f} s)")


main()
