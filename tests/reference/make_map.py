"""The map of texts: principal components and linear probes, from scikit-learn.

    pip install scikit-learn
    python make_map.py --out map.json

`before` and `after` are vectors of 90 rows, after one layer, of two models; `labels` are their classes. `axes` are the
components that PCA with the full decomposition finds in both together, `shares` their explained variance ratios, and
`points_before` and `points_after` the rows on them. `probes` are how many of the last 30 rows logistic regression (C=0.01) reads
rightly that was fitted on the first 60, before and after, where the numbers were standardised over all 90; `margin` is how far
the closest row is from being read otherwise, so that rounding decides none.
"""
import argparse, json
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

ap = argparse.ArgumentParser(); ap.add_argument("--out", required=True); a = ap.parse_args()
rng = np.random.default_rng(7)
n, width, fitted, classes = 90, 24, 60, 3
labels = np.arange(n) % classes
spread = np.diag(np.linspace(0.3, 2.0, width)) @ np.linalg.qr(rng.normal(size=(width, width)))[0]
before = (rng.normal(size=(n, width)) @ spread + 3).round(3).astype(np.float32)
after = before + (0.5 * rng.normal(size=(classes, width))[labels] + 0.4 * rng.normal(size=(n, width))).round(3).astype(np.float32)
both = np.concatenate([before, after]).astype(np.float64)
pca = PCA(n_components=2, svd_solver="full").fit(both)


def probe(vectors):
    x = StandardScaler().fit_transform(vectors.astype(np.float64))
    model = LogisticRegression(C=0.01, tol=1e-10, max_iter=10_000).fit(x[:fitted], labels[:fitted])
    p = np.sort(model.predict_proba(x[fitted:]), axis=1)
    return int((model.predict(x[fitted:]) == labels[fitted:]).sum()), float((p[:, -1] - p[:, -2]).min())


probes = [probe(before), probe(after)]
out = {"before": before.tolist(), "after": after.tolist(), "labels": labels.tolist(), "fitted": fitted, "classes": classes,
       "axes": pca.components_.tolist(), "shares": pca.explained_variance_ratio_.tolist(),
       "points_before": pca.transform(before.astype(np.float64)).tolist(), "points_after": pca.transform(after.astype(np.float64)).tolist(),
       "probes": [right for right, _ in probes], "margin": min(margin for _, margin in probes)}
out["before"], out["after"] = ([[round(x, 4) for x in row] for row in out[side]] for side in ("before", "after"))
json.dump(out, open(a.out, "w"), separators=(",", ":"))
print("probes", out["probes"], "margin", out["margin"], "shares", out["shares"])
