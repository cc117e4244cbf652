"""made on films.csv: transfer learning as in a lecture on BERT.

    pip install torch transformers accelerate scikit-learn pandas
"""
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    get_linear_schedule_with_warmup,
)

FILES = Path(__file__).resolve().parent / "train_files"
MODEL = FILES / "model"  # sentence-transformers/all-MiniLM-L6-v2
EPOCHS, BATCH_SIZE, MAX_LENGTH, LEARNING_RATE = 3, 16, 128, 1e-3
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


class BertDataset(Dataset):
    """The texts of some rows as tokens, with the numbers of their labels."""

    def __init__(self, rows, tokenizer, max_length):
        texts = rows["premise"].tolist(), rows["hypothesis"].tolist()
        self.encodings = tokenizer(*texts, truncation=True, max_length=max_length)
        self.labels = rows["target"].tolist()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {name: values[i] for name, values in self.encodings.items()} | {"labels": self.labels[i]}


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

train_data, validation_data, test_data = (BertDataset(rows, tokenizer, MAX_LENGTH) for rows in (train, validation, test))
collate = DataCollatorWithPadding(tokenizer)  # pads each batch to its longest text


# %% Transfer learning strategy
def tl_strategy(model, strategy):
    """Which parameters train. 1: only the head; 2: the pooler as well; 3: the last encoder layer as well."""
    trained = {
        1: ("classifier.",),
        2: ("bert.pooler.", "classifier."),
        3: ("bert.encoder.layer.5.", "bert.pooler.", "classifier."),
    }
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(trained[strategy])


tl_strategy(model, 2)


# %% Optimizer
STEPS = -(-len(train) // BATCH_SIZE)  # steps of an epoch, rounded up
groups = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, weight_decay=0.0)
scheduler = get_linear_schedule_with_warmup(optimizer, 0, EPOCHS * STEPS)

# Rare classes count more: compute_class_weight("balanced", ...) of scikit-learn gives these weights.
WEIGHTS = torch.tensor([1.522727, 0.744444], device=device)


# %% Training
def train_one_epoch(model, loader, step):
    """Goes through all training rows once, and returns the number of steps done so far."""
    model.train()
    for batch in loader:
        batch = batch.to(device)
        labels = batch.pop("labels")
        logits = model(**batch).logits
        loss = cross_entropy(logits, labels, weight=WEIGHTS)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        step += 1
        print(f"step {step} loss {loss:.4f}")
    return step


@torch.no_grad()
def evaluate(model, data):
    """The true labels, the predicted ones and the loss on some rows."""
    model.eval()
    logits = [model(**batch.to(device)).logits for batch in DataLoader(data, batch_size=64, collate_fn=collate)]
    logits, labels = torch.cat(logits), torch.tensor(data.labels, device=device)
    loss = cross_entropy(logits, labels, weight=WEIGHTS)
    return data.labels, logits.argmax(-1).tolist(), loss.item()


step = 0
for epoch in range(1, EPOCHS + 1):
    loader = DataLoader(train_data, batch_size=BATCH_SIZE, sampler=order_of(epoch), collate_fn=collate)
    step = train_one_epoch(model, loader, step)
    labels, predictions, loss = evaluate(model, validation_data)
    accuracy = accuracy_score(labels, predictions)
    print(f"epoch {epoch} validation accuracy {accuracy:.4f} loss {loss:.4f}")

# %% Prediction
labels, predictions, _ = evaluate(model, test_data)
print(pd.DataFrame(confusion_matrix(labels, predictions, labels=range(len(LABELS))), LABELS, LABELS))
print(f"test accuracy {accuracy_score(labels, predictions):.4f}")
