{% let kind = "transfer learning as in a lecture on BERT" %}
{%- include "python/parts/introduction.py" %}
{%- if p.keeps_best %}
import copy
{%- endif %}
{%- if p.patience.is_some() %}
import math
{%- endif %}
{%- if p.rates != Rates::Same %}
import re
{%- endif %}
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
    {{ p.schedule }},
)

FILES = {{ p.files }}
MODEL = {{ p.model.from }}{{ p.model.told }}
EPOCHS, BATCH_SIZE, MAX_LENGTH, LEARNING_RATE = {{ p.t.epochs }}, {{ p.t.batch_size }}, {{ p.t.max_length }}, {{ p.learning_rate }}
{%- if p.accumulates() %}
BATCHES_PER_STEP = {{ p.t.accumulation_steps }}
{%- endif %}
device = {{ p.device }}
{%- if let Some(threads) = p.threads %}
torch.set_num_threads({{ threads }})
{%- endif %}
torch.manual_seed({{ p.seed }})

{% include "python/parts/data.py" %}


class BertDataset(Dataset):
    """The texts of some rows as tokens, with the numbers of their labels."""

    def __init__(self, rows, tokenizer, max_length):
{%- if let Some(second) = p.table.second %}
        texts = rows[{{ p.table.text }}].tolist(), rows[{{ second }}].tolist()
        self.encodings = tokenizer(*texts, truncation=True, max_length=max_length)
{%- else %}
        self.encodings = tokenizer(rows[{{ p.table.text }}].tolist(), truncation=True, max_length=max_length)
{%- endif %}
        self.labels = rows[{{ p.table.target }}].tolist()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {name: values[i] for name, values in self.encodings.items()} | {"labels": self.labels[i]}


{% include "python/parts/model.py" %}
model.to(device)

train_data, validation_data, test_data = (BertDataset(rows, tokenizer, MAX_LENGTH) for rows in (train, validation, test))
collate = DataCollatorWithPadding(tokenizer)  # pads each batch to its longest text


# %% Transfer learning strategy
{%- if let Some(strategy) = p.strategy %}
def tl_strategy(model, strategy):
    """Which parameters train. 1: only the head; 2: the pooler as well; 3: the last encoder layer as well."""
    trained = {
{%- for prefixes in p.strategies %}
        {{ loop.index }}: {{ prefixes }},
{%- endfor %}
    }
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(trained[strategy])


tl_strategy(model, {{ strategy }})
{%- else if !p.stages.is_empty() %}
# From these epochs on, the parameters whose names begin so train, and all others are frozen.
STAGES = {
{%- for stage in p.stages %}
    {{ stage.from_epoch }}: {{ stage.prefixes }},
{%- endfor %}
}
EVER = {{ p.ever }}


def tl_strategy(model, epoch):
    """Sets what trains from this epoch on, if another stage begins with it."""
    if epoch in STAGES:
        thaw(STAGES[epoch])
{%- else %}
def tl_strategy(model):
{%- match p.trained %}
{%- when Trained::All %}
    """{{ p.freezing }}"""
    for parameter in model.parameters():
        parameter.requires_grad = True
{%- when Trained::Biases with (head) %}
    """{{ p.freezing }}"""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.endswith(".bias") or name.startswith({{ head }})
{%- when Trained::Prefixes with (prefixes) %}
    """{{ p.freezing }}"""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith({{ prefixes }})
{%- endmatch %}


tl_strategy(model)
{%- endif %}


# %% Optimizer
{%- if p.accumulates() %}
STEPS = -(-len(train) // (BATCH_SIZE * BATCHES_PER_STEP))  # steps of an epoch, rounded up
{%- else %}
STEPS = -(-len(train) // BATCH_SIZE)  # steps of an epoch, rounded up
{%- endif %}
{%- include "python/parts/optimiser.py" %}
{% let on_device = ", device=device" %}
{%- include "python/parts/loss.py" %}
{%- include "python/parts/still.py" %}


# %% Training
def train_one_epoch(model, loader, step):
    """Goes through all training rows once, and returns the number of steps done so far."""
    model.train()
{%- if p.stills_frozen %}
    still_frozen_layers()
{%- endif %}
{%- if p.accumulates() %}
    batches = list(loader)
    for start in range(0, len(batches), BATCHES_PER_STEP):
        of_step = batches[start : start + BATCHES_PER_STEP]
        labels = torch.cat([batch["labels"] for batch in of_step])
        mass = {% if p.weights.is_some() %}WEIGHTS[labels].sum(){% else %}len(labels){% endif %}
        loss = 0.0
        for batch in of_step:
            batch = batch.to(device)
            labels = batch.pop("labels")
{%- if p.bf16 %}
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = model(**batch).logits.float()
{%- else %}
            logits = model(**batch).logits
{%- endif %}
            # The sum over the batches is the mean over all rows of the step.
            part = cross_entropy(logits, labels{% if p.weights.is_some() %}, weight=WEIGHTS{% endif %}, reduction="sum") / mass
            part.backward()
            loss += part.item()
{%- else %}
    for batch in loader:
        batch = batch.to(device)
        labels = batch.pop("labels")
{%- if p.bf16 %}
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(**batch).logits.float()
{%- else %}
        logits = model(**batch).logits
{%- endif %}
        loss = cross_entropy(logits, labels{% if p.weights.is_some() %}, weight=WEIGHTS{% endif %})
        loss.backward()
{%- endif %}
{%- if let Some(clip) = p.clip %}
        torch.nn.utils.clip_grad_norm_(model.parameters(), {{ clip }})
{%- endif %}
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
    loss = cross_entropy(logits, labels{% if p.weights.is_some() %}, weight=WEIGHTS{% endif %})
    return data.labels, logits.argmax(-1).tolist(), loss.item()


step = 0
{%- if p.keeps_best %}
best_accuracy, best_weights = -1.0, None
{%- endif %}
{%- if p.patience.is_some() %}
lowest, waited = math.inf, 0
{%- endif %}
for epoch in range(1, EPOCHS + 1):
{%- if !p.stages.is_empty() %}
    tl_strategy(model, epoch)
{%- endif %}
    loader = DataLoader(train_data, batch_size=BATCH_SIZE, sampler=order_of(epoch), collate_fn=collate)
    step = train_one_epoch(model, loader, step)
    labels, predictions, loss = evaluate(model, validation_data)
    accuracy = accuracy_score(labels, predictions)
    print(f"epoch {epoch} validation accuracy {accuracy:.4f} loss {loss:.4f}")
{%- if p.keeps_best %}
    if accuracy > best_accuracy:
        best_accuracy, best_weights = accuracy, copy.deepcopy(model.state_dict())
{%- endif %}
{%- if let Some(patience) = p.patience %}
    lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
    if waited >= {{ patience }}:  # epochs without a lower validation loss
        break
{%- endif %}
{%- if p.keeps_best %}
model.load_state_dict(best_weights)
{%- endif %}

# %% Prediction
labels, predictions, _ = evaluate(model, test_data)
print(pd.DataFrame(confusion_matrix(labels, predictions, labels=range(len(LABELS))), LABELS, LABELS))
print(f"test accuracy {accuracy_score(labels, predictions):.4f}")
