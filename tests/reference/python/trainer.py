"""made on films.csv: fine-tuning with Hugging Face's Trainer.

    pip install torch transformers accelerate scikit-learn pandas
"""
import tempfile
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file
from sklearn.model_selection import train_test_split
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

FILES = Path(__file__).resolve().parent / "train_files"
MODEL = FILES / "model"  # sentence-transformers/all-MiniLM-L6-v2
EPOCHS, BATCH_SIZE, MAX_LENGTH, LEARNING_RATE = 3, 16, 128, 1e-4
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


class Rows(torch.utils.data.Dataset):
    """Some rows as Trainer takes them: tokens, and the number of the label."""

    def __init__(self, rows):
        self.inputs = tokenizer(rows["review"].tolist(), truncation=True, max_length=MAX_LENGTH)
        self.labels = rows["target"].tolist()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {name: values[i] for name, values in self.inputs.items()} | {"labels": self.labels[i]}


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

# %% Freezing
# Preset 3: the head, the pooler and the last encoder layer train.
for name, parameter in model.named_parameters():
    parameter.requires_grad = name.startswith(("bert.encoder.layer.5.", "bert.pooler.", "classifier."))

# %% Training


class InOrder(torch.utils.data.Sampler):
    """The rows of one epoch after the other, in Thaw's order."""

    epoch = 0

    def __len__(self):
        return len(train)

    def __iter__(self):
        self.epoch += 1
        return iter(order_of(self.epoch))


class OrderedTrainer(Trainer):
    def _get_train_sampler(self, *_):
        return InOrder()


class PrintLoss(TrainerCallback):
    def on_log(self, args, state, control, logs=None, **others):
        if "loss" in logs:
            print(f"step {state.global_step} loss {float(logs['loss']):.4f}")
        elif "eval_accuracy" in logs:
            print(f"epoch {round(state.epoch)} validation accuracy {float(logs['eval_accuracy']):.4f}")


folder = tempfile.mkdtemp()
trainer = OrderedTrainer(
    model,
    TrainingArguments(
        output_dir=folder,
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH_SIZE,
        per_device_eval_batch_size=64,
        learning_rate=LEARNING_RATE,
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        seed=42,
        eval_strategy="epoch",
        save_strategy="no",
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
    ),
    data_collator=DataCollatorWithPadding(tokenizer),
    train_dataset=Rows(train),
    eval_dataset=Rows(validation),
    compute_metrics=lambda found: {"accuracy": (found.predictions.argmax(-1) == found.label_ids).mean()},
    callbacks=[PrintLoss()],
)
trainer.remove_callback(PrinterCallback)
trainer.train()

# %% Test
found = trainer.predict(Rows(test))
print(f"test accuracy {found.metrics['test_accuracy']:.4f}")
