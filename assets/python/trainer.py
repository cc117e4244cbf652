{% let kind = "fine-tuning with Hugging Face's Trainer" %}
{%- include "python/parts/introduction.py" %}
{%- if p.has_own_optimiser() %}
import math
{%- endif %}
{%- if p.rates != Rates::Same %}
import re
{%- endif %}
import tempfile
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file
from sklearn.model_selection import train_test_split
{%- if p.has_own_loss() %}
from torch.nn.functional import cross_entropy
{%- endif %}
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
{%- if p.has_own_optimiser() %}
    {{ p.schedule }},
{%- endif %}
)

FILES = {{ p.files }}
MODEL = {{ p.model.from }}{{ p.model.told }}
EPOCHS, BATCH_SIZE, MAX_LENGTH, LEARNING_RATE = {{ p.t.epochs }}, {{ p.t.batch_size }}, {{ p.t.max_length }}, {{ p.learning_rate }}
{%- if let Some(threads) = p.threads %}
torch.set_num_threads({{ threads }})
{%- endif %}
torch.manual_seed({{ p.seed }})

{% include "python/parts/data.py" %}


class Rows(torch.utils.data.Dataset):
    """Some rows as Trainer takes them: tokens, and the number of the label."""

    def __init__(self, rows):
{%- if let Some(second) = p.table.second %}
        texts = rows[{{ p.table.text }}].tolist(), rows[{{ second }}].tolist()
        self.inputs = tokenizer(*texts, truncation=True, max_length=MAX_LENGTH)
{%- else %}
        self.inputs = tokenizer(rows[{{ p.table.text }}].tolist(), truncation=True, max_length=MAX_LENGTH)
{%- endif %}
        self.labels = rows[{{ p.table.target }}].tolist()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {name: values[i] for name, values in self.inputs.items()} | {"labels": self.labels[i]}


{% include "python/parts/model.py" %}

{% include "python/parts/freezing.py" %}
{%- if p.has_own_optimiser() %}

# %% Optimizer
{%- if p.accumulates() %}
STEPS = math.ceil(len(train) / (BATCH_SIZE * {{ p.t.accumulation_steps }}))  # steps of an epoch
{%- else %}
STEPS = math.ceil(len(train) / BATCH_SIZE)  # steps of an epoch
{%- endif %}
{%- include "python/parts/optimiser.py" %}
{%- endif %}

# %% Training
{%- let on_device = "" %}
{%- include "python/parts/loss.py" %}
{%- if p.has_own_loss() %}


def loss_of(outputs, labels, num_items_in_batch=None):
{%- if p.weights.is_some() %}
{%- if p.accumulates() %}
    # The weighted mean over all rows of the step; the trainer counts them by their weights (see OrderedTrainer).
    weighted = cross_entropy(outputs.logits, labels, weight=WEIGHTS.to(labels.device), reduction="sum")
    return weighted / (num_items_in_batch if num_items_in_batch is not None else WEIGHTS[labels.cpu()].sum())
{%- else %}
    return cross_entropy(outputs.logits, labels, weight=WEIGHTS.to(labels.device))
{%- endif %}
{%- else %}
    # The mean over all rows of the step, not over those of a batch.
    return cross_entropy(outputs.logits, labels, reduction="sum") / (num_items_in_batch or len(labels))
{%- endif %}
{%- endif %}
{%- include "python/parts/still.py" %}


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
{%- if p.weights.is_some() && p.accumulates() %}

    def _get_num_items_in_batch(self, batches, device):
        return WEIGHTS[torch.cat([batch["labels"] for batch in batches]).cpu()].sum().to(device)
{%- endif %}
{%- if p.stills_frozen %}

    def compute_loss(self, model, *inputs, **others):
        if model.training:
            still_frozen_layers()
        return super().compute_loss(model, *inputs, **others)
{%- endif %}


class PrintLoss(TrainerCallback):
    def on_log(self, args, state, control, logs=None, **others):
        if "loss" in logs:
            print(f"step {state.global_step} loss {float(logs['loss']):.4f}")
        elif "eval_accuracy" in logs:
            print(f"epoch {round(state.epoch)} validation accuracy {float(logs['eval_accuracy']):.4f}")
{%- if !p.stages.is_empty() %}


class Thaw(TrainerCallback):
    def on_epoch_begin(self, args, state, control, **others):
        epoch = round(state.epoch) + 1
        if epoch in STAGES:
            thaw(STAGES[epoch])
{%- endif %}
{%- if let Some(patience) = p.patience %}


class Patience(TrainerCallback):
    """Ends the training after {{ patience }} epoch{% if *patience > 1 %}s{% endif %} without a lower validation loss."""

    lowest, waited = float("inf"), 0

    def on_evaluate(self, args, state, control, metrics, **others):
        loss = metrics["eval_loss"]
        self.lowest, self.waited = (loss, 0) if loss < self.lowest else (self.lowest, self.waited + 1)
        control.should_training_stop = self.waited >= {{ patience }}
{%- endif %}


folder = tempfile.mkdtemp()
trainer = OrderedTrainer(
    model,
    TrainingArguments(
        output_dir=folder,
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH_SIZE,
        per_device_eval_batch_size=64,
{%- if p.accumulates() %}
        gradient_accumulation_steps={{ p.t.accumulation_steps }},
{%- endif %}
        learning_rate=LEARNING_RATE,
{%- if !p.has_own_optimiser() %}
        lr_scheduler_type="{{ p.trainer_schedule }}",
{%- if p.warmup_steps > 0 %}
        warmup_steps={{ p.warmup_steps }},
{%- endif %}
{%- if p.decays() %}
        weight_decay={{ p.weight_decay }},  # not of biases and LayerNorm
{%- endif %}
{%- endif %}
{%- if let Some(clip) = p.clip %}
        max_grad_norm={{ clip }},
{%- else %}
        max_grad_norm=0.0,  # no clipping
{%- endif %}
{%- if p.bf16 %}
        bf16=True,
        use_cpu=not torch.cuda.is_available(),
{%- endif %}
        seed={{ p.seed }},
        eval_strategy="epoch",
{%- if p.keeps_best %}
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
{%- else %}
        save_strategy="no",
{%- endif %}
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
    ),
    data_collator=DataCollatorWithPadding(tokenizer),
    train_dataset=Rows(train),
    eval_dataset=Rows(validation),
    compute_metrics=lambda found: {"accuracy": (found.predictions.argmax(-1) == found.label_ids).mean()},
{%- if p.has_own_loss() %}
    compute_loss_func=loss_of,
{%- endif %}
    callbacks=[PrintLoss(){% if !p.stages.is_empty() %}, Thaw(){% endif %}{% if p.patience.is_some() %}, Patience(){% endif %}],
{%- if p.has_own_optimiser() %}
    optimizers=(optimizer, scheduler),
{%- endif %}
)
trainer.remove_callback(PrinterCallback)
trainer.train()

# %% Test
found = trainer.predict(Rows(test))
print(f"test accuracy {found.metrics['test_accuracy']:.4f}")
