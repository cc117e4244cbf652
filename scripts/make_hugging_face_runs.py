"""Makes the logs in tests/reference/hugging_face_runs: small trainings by the Trainer of transformers.

    python scripts/make_hugging_face_runs.py

Needs torch, transformers and accelerate. Only trainer_state.json of each is kept.
"""

import csv
import random
import shutil
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "assets" / "model"
# (name, when it evaluates, whether accuracy is computed)
RUNS = [("epochs", "epoch", True), ("steps", "steps", True), ("loss_only", "epoch", False)]


def examples():
    with open(ROOT / "assets" / "data" / "movie_reviews.csv", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:181]
    random.Random(0).shuffle(rows)
    labels = sorted({label for _, label in rows})
    tokens = tokenizer([text for text, _ in rows], truncation=True, max_length=64)
    rows = [
        {"input_ids": ids, "attention_mask": mask, "labels": labels.index(label)}
        for ids, mask, (_, label) in zip(tokens["input_ids"], tokens["attention_mask"], rows)
    ]
    return rows[:120], rows[120:], labels


def accuracy(predictions):
    return {"accuracy": float((predictions.predictions.argmax(-1) == predictions.label_ids).mean())}


tokenizer = AutoTokenizer.from_pretrained(MODEL)
train, validation, labels = examples()
for name, when, is_measured in RUNS:
    with tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(0)
        model = AutoModelForSequenceClassification.from_pretrained(
            MODEL, id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)}
        ).float()
        arguments = TrainingArguments(
            folder, num_train_epochs=2, per_device_train_batch_size=8, eval_strategy=when, eval_steps=7, logging_steps=3,
            save_strategy="no", learning_rate=1e-4, report_to=[], use_cpu=True, seed=1,
        )  # fmt: skip
        trainer = Trainer(
            model, arguments, train_dataset=train, eval_dataset=validation, processing_class=tokenizer,
            compute_metrics=accuracy if is_measured else None,
        )  # fmt: skip
        trainer.train()
        trainer.save_state()
        kept = ROOT / "tests" / "reference" / "hugging_face_runs" / name
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(folder) / "trainer_state.json", kept / "trainer_state.json")
