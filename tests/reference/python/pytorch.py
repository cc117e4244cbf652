"""made on films.csv: the training loop in plain PyTorch.

    pip install torch transformers accelerate scikit-learn pandas
"""
import copy
import math
import re
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file
from sklearn.model_selection import train_test_split
from torch.nn.functional import cross_entropy
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

FILES = Path(__file__).resolve().parent / "train_files"
MODEL = FILES / "model"  # sentence-transformers/all-MiniLM-L6-v2
EPOCHS, BATCH_SIZE, MAX_LENGTH, LEARNING_RATE = 3, 16, 128, 1e-4
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(42)

# %% Data
table = pd.read_csv("/data/films.csv", dtype=str, keep_default_na=False)
LABELS = ["bad", "good"]
table["target"] = table["verdict"].map(LABELS.index)

# The same rows as in Thaw, by their numbers. Without rows.csv, train_test_split draws other rows in the same shares.
if (FILES / "rows.csv").exists():
    rows = pd.read_csv(FILES / "rows.csv")
    parts = [rows["row"][rows["part"] == part] for part in ("train", "validation", "test")]
    train, validation, test = (table.iloc[numbers - 2] for numbers in parts)
else:
    rest, test = train_test_split(table, test_size=0.2, stratify=table["target"], random_state=42)
    train, validation = train_test_split(rest, test_size=0.3, stratify=rest["target"], random_state=42)

# Thaw's order of the training rows in each epoch. Without order.csv, PyTorch draws another one.
orders = pd.read_csv(FILES / "order.csv") if (FILES / "order.csv").exists() else {}


def order_of(epoch):
    return orders[str(epoch)].tolist() if str(epoch) in orders else torch.randperm(len(train)).tolist()


def encode(rows):
    """Some rows as one batch: tokens, padded to the longest text, and the numbers of the labels."""
    texts = rows["review"].tolist()
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
    return inputs.to(device), torch.tensor(rows["target"].tolist(), device=device)


# %% Model
tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForSequenceClassification.from_pretrained(
    MODEL,
    id2label=dict(enumerate(LABELS)),
    label2id={label: i for i, label in enumerate(LABELS)},
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, classifier_dropout=0.0,
).float()
# The head that Thaw begins with. Without the file, it has other random values.
if (FILES / "head.safetensors").exists():
    model.load_state_dict(load_file(FILES / "head.safetensors"), strict=False)
model.to(device)

# %% Freezing
# From these epochs on, the parameters whose names begin so train, and all others are frozen.
STAGES = {
    1: ("classifier.",),
    2: (*(f"bert.encoder.layer.{i}." for i in (4, 5)), "bert.pooler.", "classifier."),
    3: ("",),
}
EVER = ("",)

# %% Optimizer
STEPS = math.ceil(len(train) / BATCH_SIZE)  # steps of an epoch


def decays(name):
    """Weight decay leaves biases and LayerNorm alone."""
    return not (name.endswith("bias") or "LayerNorm" in name or "layer_norm" in name)


def learning_rate(name):
    """Each layer learns at 1 / 2.6 of the rate of the layer above it; pooler and head at the full rate."""
    layer = re.search(r"\.layer\.(\d+)\.", name)
    below_last = 5 - int(layer[1]) if layer else 6 if "embeddings" in name else 0
    return LEARNING_RATE / 2.6 ** below_last


# A group of its own for each parameter, with its learning rate, with or without weight decay.
groups = [
    {
        "params": [parameter],
        "lr": learning_rate(name),
        "weight_decay": 0.01 if decays(name) else 0.0,
    }
    for name, parameter in model.named_parameters()
    if name.startswith(EVER)
]
optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, weight_decay=0.0)
scheduler = get_linear_schedule_with_warmup(optimizer, 0, EPOCHS * STEPS)


def thaw(prefixes):
    """From now on these parameters train. AdamW forgets what it knew of the others, as in Thaw."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(prefixes)
        if not parameter.requires_grad:
            parameter.grad = None
            optimizer.state.pop(parameter, None)


@torch.no_grad()
def evaluate(rows):
    """Accuracy and loss on some rows."""
    model.eval()
    batches = [encode(rows.iloc[start : start + 64]) for start in range(0, len(rows), 64)]
    logits = torch.cat([model(**inputs).logits for inputs, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    loss = cross_entropy(logits, labels)
    return (logits.argmax(-1) == labels).float().mean().item(), loss.item()


# %% Training
step = 0
best_accuracy, best_weights = -1.0, None
for epoch in range(1, EPOCHS + 1):
    if epoch in STAGES:
        thaw(STAGES[epoch])
    order = order_of(epoch)
    model.train()
    for start in range(0, len(order), BATCH_SIZE):
        inputs, labels = encode(train.iloc[order[start : start + BATCH_SIZE]])
        logits = model(**inputs).logits
        loss = cross_entropy(logits, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        step += 1
        print(f"step {step} loss {loss:.4f}")
    accuracy, loss = evaluate(validation)
    print(f"epoch {epoch} validation accuracy {accuracy:.4f} loss {loss:.4f}")
    if accuracy > best_accuracy:
        best_accuracy, best_weights = accuracy, copy.deepcopy(model.state_dict())
model.load_state_dict(best_weights)

# %% Test
accuracy, _ = evaluate(test)
print(f"test accuracy {accuracy:.4f}")
