"""Golden numbers of the weighted cross-entropy, from PyTorch and scikit-learn.

    python make_class_weights.py --out class_weights.json

`cases`: random logits [rows, classes] with labels and class weights; the loss of CrossEntropyLoss(weight=..., reduction="mean"),
and its gradient with regard to the logits. The last case has a class that no row is of, and rows of one class alone.

`balanced`: labels, and what scikit-learn's compute_class_weight("balanced") makes of them.
"""
import argparse, json
import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight

ap = argparse.ArgumentParser()
ap.add_argument("--out", required=True)
a = ap.parse_args()
torch.manual_seed(13)
torch.set_num_threads(1)
cases = []
for rows, weights in [(7, [2.0, 1.0]), (16, [0.25, 1.0, 3.5, 0.7]), (5, [10.0, 0.1, 1.0])]:
    logits = (3.0 * torch.randn(rows, len(weights))).requires_grad_()
    labels = torch.randint(len(weights), (rows,))
    if rows == 5: labels = torch.zeros(rows, dtype=torch.long)
    loss = torch.nn.CrossEntropyLoss(weight=torch.tensor(weights), reduction="mean")(logits, labels)
    loss.backward()
    cases.append({"weights": weights, "labels": labels.tolist(), "logits": logits.tolist(), "loss": loss.item(), "gradient": logits.grad.tolist()})
labels = [0] * 30 + [1] * 9 + [2] * 1
balanced = compute_class_weight("balanced", classes=np.array([0, 1, 2]), y=np.array(labels))
json.dump({"cases": cases, "balanced": {"labels": labels, "weights": balanced.tolist()}}, open(a.out, "w"))
print([c["loss"] for c in cases], balanced)
