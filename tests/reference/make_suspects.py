"""Writes suspects.json: what cleanlab makes of labels and out-of-sample probabilities.

    python make_suspects.py

The probabilities are those of five-fold logistic regression on words (scikit-learn) for some of the bundled reviews, of
which a few labels are flipped, and made ones of three classes. They are rounded before cleanlab sees them, so that both sides
see the same numbers.
"""
import csv
import json
import random
from pathlib import Path

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.rank import get_label_quality_scores
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

HERE = Path(__file__).parent
REVIEWS = HERE.parent.parent / "assets" / "data" / "movie_reviews.csv"


def reviews():
    with open(REVIEWS, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:3001]
    labels = np.array([int(label == "positive") for _, label in rows])
    flipped = random.Random(7).sample(range(300), 15)
    labels[flipped] = 1 - labels[flipped]
    words = CountVectorizer(binary=True, min_df=2).fit_transform([text for text, _ in rows])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = LogisticRegression(C=0.1, max_iter=500)
    return labels[:300], cross_val_predict(model, words, labels, cv=folds, method="predict_proba")[:300]


def three_classes():
    draw = np.random.default_rng(7)
    truth = draw.choice(3, 240, p=[0.5, 0.3, 0.2])
    # The third class is hard: its rows are given lower probabilities.
    scores = draw.normal(size=(240, 3)) + np.eye(3)[truth] * np.array([2.5, 2.0, 1.0])
    labels = np.where(draw.random(240) < 0.08, (truth + draw.integers(1, 3, 240)) % 3, truth)
    probabilities = np.exp(scores)
    return labels, probabilities / probabilities.sum(1, keepdims=True)


def case(labels, probabilities):
    # All but the last are rounded, so that the sum stays 1.
    rounded = np.round(probabilities, 4)
    rounded[:, -1] = np.round(1 - rounded[:, :-1].sum(1), 4)
    joint, off = compute_confident_joint(
        labels, rounded, calibrate=False, return_indices_of_off_diagonals=True
    )
    calibrated = compute_confident_joint(labels, rounded, calibrate=True)
    quality = get_label_quality_scores(labels, rounded, method="normalized_margin", adjust_pred_probs=True)
    return {
        "labels": labels.tolist(),
        "probabilities": rounded.tolist(),
        "thresholds": get_confident_thresholds(labels, rounded).tolist(),
        "joint": joint.tolist(),
        "off_diagonal": [int(i) for i in off],
        "wrong": int(calibrated.sum() - np.trace(calibrated)),
        "worst": np.argsort(quality, kind="stable")[:40].tolist(),
    }


if __name__ == "__main__":
    cases = [case(*reviews()), case(*three_classes())]
    (HERE / "suspects.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    for made in cases:
        print(made["joint"], len(made["off_diagonal"]), made["wrong"], made["worst"][:5])
