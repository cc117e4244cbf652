"""Golden numbers of the measures of probabilities, from scikit-learn and SciPy.

    python make_metrics.py --out metrics.json

Each case has labelled rows with probabilities, and what scikit-learn makes of them: log_loss, matthews_corrcoef,
balanced_accuracy_score, roc_auc_score (of label 1 for two classes; multi_class="ovr", average="macro" for more; null where a
class has no rows), and for each class against the rest roc_curve, precision_recall_curve, average_precision_score. Points are
(threshold, x, y), with null for a threshold that is infinite. The expected calibration error is written out here: 15 bins of
equal width, upper edges included. `temperature` minimises the mean cross-entropy of the softmax of ln p / T by SciPy's bounded
search on ln T between ln 0.01 and ln 100, refined in 1/T by the root of the derivative; null where the minimum is at a bound.
"""
import argparse, json, warnings
import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn import metrics as m

warnings.simplefilter("ignore")
ap = argparse.ArgumentParser()
ap.add_argument("--out", required=True)
a = ap.parse_args()
rng = np.random.default_rng(15)
BINS = 15


def none(x):
    return None if x is None or not np.isfinite(x) else float(x)


def curves(y, p):
    if y.all() or not y.any():
        return None
    fpr, tpr, t = m.roc_curve(y, p)
    precision, recall, u = m.precision_recall_curve(y, p)
    return {
        "auc": float(m.roc_auc_score(y, p)),
        "average_precision": float(m.average_precision_score(y, p)),
        "roc": [(none(t), float(x), float(y)) for t, x, y in zip(t, fpr, tpr)],
        "precision_recall": [(none(t), float(x), float(y)) for t, x, y in zip(list(u) + [np.inf], precision, recall)],
    }


def temperature(y, p):
    z, rows = np.log(p), np.arange(len(y))
    nll = lambda t: -log_softmax(z / np.exp(t), axis=1)[rows, y].mean()
    found = minimize_scalar(nll, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-10})
    slope = lambda b: ((softmax(z * b, axis=1) * z).sum(1) - z[rows, y]).mean()
    if not slope(0.01) < 0 < slope(100.0):
        return None
    root = 1 / brentq(slope, 0.01, 100.0, xtol=1e-14)
    assert abs(np.log(root) - found.x) < 1e-6, (root, np.exp(found.x))
    return root


def case(name, y, p):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    classes, predicted = p.shape[1], p.argmax(1)
    confidence, right = p.max(1), predicted == y
    bins, ece = [], 0.0
    for i in range(BINS):
        inside = (confidence <= (i + 1) / BINS) & ((confidence > i / BINS) | (i == 0))
        n = int(inside.sum())
        mean = float(confidence[inside].mean()) if n else 0.0
        bins.append((n, int(right[inside].sum()), mean))
        if n: ece += n / len(y) * abs(right[inside].mean() - mean)
    whole = len(np.unique(y)) == classes
    if classes == 2:
        auc = m.roc_auc_score(y, p[:, 1]) if whole else None
    else:
        auc = m.roc_auc_score(y, p, multi_class="ovr", average="macro", labels=list(range(classes))) if whole else None
    t = temperature(y, p)
    return {
        "name": name, "classes": classes, "truths": y.tolist(), "probabilities": p.tolist(),
        "loss": float(m.log_loss(y, p, labels=list(range(classes)))), "ece": float(ece), "bins": bins,
        "mcc": float(m.matthews_corrcoef(y, predicted)), "balanced_accuracy": float(m.balanced_accuracy_score(y, predicted)),
        "roc_auc": none(auc), "curves": [curves(y == c, p[:, c]) for c in range(classes)],
        "temperature": t, "tempered": softmax(np.log(p) / (t or 1.0), axis=1).tolist(),
    }


def drawn(rows, classes, sure, skill, shares=None):
    y = rng.choice(classes, rows, p=shares)
    z = rng.normal(size=(rows, classes))
    z[np.arange(rows), y] += skill
    return y, softmax(sure * z, axis=1)


y, p = drawn(40, 2, 1.5, 1.2)
ties = np.round(p, 1).clip(0.1, 0.9)
ties[:, 0] = 1 - ties[:, 1]
missing = drawn(30, 4, 1.0, 1.0)
missing = (np.where(missing[0] == 2, 0, missing[0]), missing[1])
cases = [
    case("two classes", *drawn(120, 2, 2.0, 1.5)),
    case("two classes, ties", y, ties),
    case("two classes, one rare", *drawn(150, 2, 1.0, 2.0, [0.93, 0.07])),
    case("three classes, too sure", *drawn(90, 3, 4.0, 1.0)),
    case("five classes, not sure enough", *drawn(100, 5, 0.3, 2.0)),
    case("a class without rows", *missing),
    case("all rows of one class", np.ones(12, dtype=int), drawn(12, 2, 1.0, 0.5)[1]),
    case("one row", [1], [[0.75, 0.25]]),
    case("all right", [0, 1, 1, 0], [[0.9, 0.1], [0.2, 0.8], [0.45, 0.55], [0.51, 0.49]]),
    case("all the same", [0, 1, 1], [[0.5, 0.5]] * 3),
]
json.dump(cases, open(a.out, "w"))
for c in cases: print(c["name"], {k: c[k] for k in ("loss", "ece", "mcc", "balanced_accuracy", "roc_auc", "temperature")})
