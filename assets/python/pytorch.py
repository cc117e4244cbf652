{% let kind = "the training loop in plain PyTorch" %}
{%- include "python/parts/introduction.py" %}
{%- if p.keeps_best %}
import copy
{%- endif %}
import math
{%- if p.rates != Rates::Same %}
import re
{%- endif %}
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file
from sklearn.model_selection import train_test_split
from torch.nn.functional import cross_entropy
from transformers import AutoModelForSequenceClassification, AutoTokenizer, {{ p.schedule }}

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


def encode(rows):
    """Some rows as one batch: tokens, padded to the longest text, and the numbers of the labels."""
    texts = rows[{{ p.table.text }}].tolist(){% if let Some(second) = p.table.second %}, rows[{{ second }}].tolist(){% endif %}
    inputs = tokenizer({% if p.is_pair() %}*{% endif %}texts, padding=True, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
    return inputs.to(device), torch.tensor(rows[{{ p.table.target }}].tolist(), device=device)


{% include "python/parts/model.py" %}
model.to(device)

{% include "python/parts/freezing.py" %}

# %% Optimizer
{%- if p.accumulates() %}
STEPS = math.ceil(len(train) / (BATCH_SIZE * BATCHES_PER_STEP))  # steps of an epoch
{%- else %}
STEPS = math.ceil(len(train) / BATCH_SIZE)  # steps of an epoch
{%- endif %}
{%- include "python/parts/optimiser.py" %}
{% let on_device = ", device=device" %}
{%- include "python/parts/loss.py" %}
{%- include "python/parts/still.py" %}


@torch.no_grad()
def evaluate(rows):
    """Accuracy and loss on some rows."""
    model.eval()
    batches = [encode(rows.iloc[start : start + 64]) for start in range(0, len(rows), 64)]
    logits = torch.cat([model(**inputs).logits for inputs, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    loss = cross_entropy(logits, labels{% if p.weights.is_some() %}, weight=WEIGHTS{% endif %})
    return (logits.argmax(-1) == labels).float().mean().item(), loss.item()


# %% Training
step = 0
{%- if p.keeps_best %}
best_accuracy, best_weights = -1.0, None
{%- endif %}
{%- if p.patience.is_some() %}
lowest, waited = math.inf, 0
{%- endif %}
for epoch in range(1, EPOCHS + 1):
{%- if !p.stages.is_empty() %}
    if epoch in STAGES:
        thaw(STAGES[epoch])
{%- endif %}
    order = order_of(epoch)
    model.train()
{%- if p.stills_frozen %}
    still_frozen_layers()
{%- endif %}
{%- if p.accumulates() %}
    for start in range(0, len(order), BATCH_SIZE * BATCHES_PER_STEP):
        rows = train.iloc[order[start : start + BATCH_SIZE * BATCHES_PER_STEP]]
{%- if p.weights.is_some() %}
        mass = WEIGHTS[rows[{{ p.table.target }}].tolist()].sum()
{%- endif %}
        loss = 0.0
        for first in range(0, len(rows), BATCH_SIZE):
            inputs, labels = encode(rows.iloc[first : first + BATCH_SIZE])
            # The sum over the batches is the mean over all rows of the step.
{%- if p.bf16 %}
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = model(**inputs).logits.float()
{%- else %}
            logits = model(**inputs).logits
{%- endif %}
{%- if p.weights.is_some() %}
            part = cross_entropy(logits, labels, weight=WEIGHTS, reduction="sum") / mass
{%- else %}
            part = cross_entropy(logits, labels, reduction="sum") / len(rows)
{%- endif %}
            part.backward()
            loss += part.item()
{%- else %}
    for start in range(0, len(order), BATCH_SIZE):
        inputs, labels = encode(train.iloc[order[start : start + BATCH_SIZE]])
{%- if p.bf16 %}
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(**inputs).logits.float()
{%- else %}
        logits = model(**inputs).logits
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
    accuracy, loss = evaluate(validation)
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

# %% Test
accuracy, _ = evaluate(test)
print(f"test accuracy {accuracy:.4f}")
