"""Trains the classifier that settings.json and plan.json describe, on one process or on many.

    accelerate launch train.py
    torchrun --nproc_per_node 4 train.py

Started again after an interruption, it goes on from its newest checkpoint. What it learns is in run/, which Thaw opens.
"""

import csv
import gc
import json
import math
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, set_seed
from run_folder import RunFolder, accuracy, confusion, digests, matrix, test_report, write
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

FOLDER = Path(__file__).resolve().parent
CHECKPOINTS = FOLDER / "checkpoints"
# bf16 on a GPU that has it; "no" trains in f32 everywhere.
PRECISION = "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "no"
settings, splits, plan = (
    json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in ("settings", "splits", "plan")
)
training, labels = settings["config"]["training"], settings["labels"]
accelerator = Accelerator(mixed_precision=PRECISION, cpu=not torch.accelerator.is_available())
device, processes, is_main = accelerator.device, accelerator.num_processes, accelerator.is_main_process
if processes != int(os.environ.get("WORLD_SIZE", 1)):
    sys.exit(f"Of {os.environ['WORLD_SIZE']} processes, accelerate sees {processes}.")
set_seed(training["seed"] % 2**32, device_specific=True)
run = RunFolder(FOLDER, is_main)
if run.is_complete():
    accelerator.print("This run has ended: its results are in run/. Remove that folder to train again.")
    sys.exit()


# Data: all texts, which rows are in which part, and the order of the training rows in each epoch.
def table(name):
    csv.field_size_limit(2**31 - 1)
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


_, *rows = table("data.csv")
texts, truths = [row[:-1] for row in rows], [labels.index(row[-1]) for row in rows]
parts = {"train": [], "validation": [], "test": []}
for part, row in table("rows.csv")[1:]:
    parts[part].append(int(row) - 2)  # data.csv has a header, so that its first text is in row 2
epochs, *lines = table("order.csv")
orders = {int(epoch): [parts["train"][int(place)] for place in column] for epoch, column in zip(epochs, zip(*lines))}


def order_of(epoch):
    """Thaw's order of the training rows; of very many rows order.csv has the first epochs only."""
    drawn = random.Random(f"{training['seed']} {epoch}")
    return orders[epoch] if epoch in orders else drawn.sample(parts["train"], len(parts["train"]))


weights = torch.tensor(settings.get("class_weights") or [1.0] * len(labels), device=device)

# The model as the run in Thaw begins with it, and its parameters by their names.
tokenizer = AutoTokenizer.from_pretrained(FOLDER / "model")
network = AutoModelForSequenceClassification.from_pretrained(
    plan["hub_model"] or FOLDER / "model", dtype=torch.float32, **plan["hub_arguments"], **plan["dropout"]
)
if (FOLDER / "model" / "head.safetensors").exists():
    network.load_state_dict(load_file(FOLDER / "model" / "head.safetensors"), strict=False)
network.to(device)
named = {name: parameter for name, parameter in network.named_parameters() if name in plan["names"]}


def weights_now(values):
    return {name: value.detach().cpu().float().contiguous() for name, value in values.items()}


before = digests(weights_now(named)) if is_main else {}

# A group for each parameter that trains in some stage, with its own rate and weight decay.
decays = lambda name: training["weight_decay"] if name in plan["decays"] else 0.0
optimizer = torch.optim.AdamW(
    {"params": [named[name]], "factor": plan["factors"][name], "weight_decay": decays(name)} for name in plan["ever"]
)

# `batch_size` and the rows of a step are those of all processes together.
ROWS = training["batch_size"] * training["accumulation_steps"]
AT_ONCE = max(1, math.ceil(training["batch_size"] / processes))
STEPS_PER_EPOCH = math.ceil(len(parts["train"]) / ROWS)
STEPS = STEPS_PER_EPOCH * training["epochs"]
WARMUP = math.ceil(training["warmup_share"] * STEPS)


def learning_rate(step):
    """The rate of a step, counted from 0: up from 0, then down as the schedule says."""
    if step < WARMUP:
        return settings["learning_rate"] * step / WARMUP
    progress = min((step - WARMUP) / max(STEPS - WARMUP, 1), 1.0)
    shapes = {"linear": 1 - progress, "constant": 1.0, "cosine": 0.5 * (1 + math.cos(math.pi * progress))}
    return settings["learning_rate"] * shapes[training["schedule"]]


def thaw(stage):
    """Lets the parameters of a stage train, and returns the network whose gradients all processes share."""
    for name, parameter in network.named_parameters():
        parameter.requires_grad = name in stage["trainable"]
        if not parameter.requires_grad:
            parameter.grad = None
            optimizer.state.pop(parameter, None)  # AdamW forgets what it knew of a parameter that is frozen
    # What trains is fixed when the network is wrapped, so that each stage wraps it anew.
    gpus = [device.index] if device.type == "cuda" else None
    return DistributedDataParallel(network, device_ids=gpus) if processes > 1 else network


def still_frozen_layers(stage):
    """Turns dropout on, but not in the frozen layers below the lowest one that trains."""
    network.train()
    for name, module in network.named_modules():
        if any(name == still or name.startswith(still + ".") for still in stage["still"]):
            module.eval()


def logits_of(model, rows):
    columns = [[texts[row][column] for row in rows] for column in range(len(texts[0]))]
    cut = {"padding": True, "truncation": True, "max_length": training["max_length"]}
    inputs = tokenizer(*columns, **cut, return_tensors="pt").to(device)
    with accelerator.autocast():
        logits = model(**inputs).logits
    return logits.float(), torch.tensor([truths[row] for row in rows], device=device)


def take_step(model, rows, rate):
    """One optimiser step. Returns its mean loss, how many rows were right, and the gradient's norm before clipping."""
    mass = weights[[truths[row] for row in rows]].sum()
    own = rows[accelerator.process_index :: processes]
    batches = [own[start : start + AT_ONCE] for start in range(0, len(own), AT_ONCE)]
    # Every process takes part in putting the gradients together. One without rows takes a row that counts nothing.
    counts = 1.0 if batches else 0.0
    sums = torch.zeros(2, device=device)
    for i, batch in enumerate(batches or [rows[:1]]):
        model.require_backward_grad_sync = i + 1 >= len(batches)  # after the last batch of the step only
        logits, truth = logits_of(model, batch)
        # The sum is divided by what all rows of the step count, so that any number of processes has the same mean.
        loss = counts * cross_entropy(logits, truth, weight=weights, reduction="sum") / mass
        (loss * processes).backward()  # the processes' gradients are averaged
        sums += torch.stack([loss.detach(), counts * (logits.argmax(-1) == truth).sum()])
    loss, correct = accelerator.reduce(sums, "sum").tolist()
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), training["clip_norm"] or math.inf).item()
    if math.isfinite(loss) and math.isfinite(norm):
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        optimizer.step()
    optimizer.zero_grad()
    return loss, int(correct), norm


@torch.no_grad()
def answer(rows):
    """The logits of some rows, computed by all processes together."""
    network.eval()
    shortest_first = sorted(range(len(rows)), key=lambda place: sum(map(len, texts[rows[place]])))
    own = shortest_first[accelerator.process_index :: processes]
    logits = torch.zeros(len(rows), len(labels), device=device)
    for start in range(0, len(own), 64):
        places = own[start : start + 64]
        logits[places] = logits_of(network, [rows[place] for place in places])[0]
    logits = accelerator.reduce(logits, "sum").cpu()
    truth = [truths[row] for row in rows]
    return logits, truth, confusion(truth, logits.argmax(-1).tolist(), len(labels))


class Position:
    """How far the training has come. Checkpoints hold it."""

    NOTHING = {"loss": 0.0, "mass": 0.0, "correct": 0, "rows": 0, "secs": 0.0}

    def __init__(self):
        self.step, self.log_size, self.elapsed_secs, self.sums = 0, 0, 0.0, dict(self.NOTHING)
        self.epochs, self.best, self.lowest, self.waited = [], -1.0, math.inf, 0

    def add(self, **numbers):
        self.sums = {name: value + numbers[name] for name, value in self.sums.items()}

    def state_dict(self):
        return dict(vars(self))

    def load_state_dict(self, state):
        vars(self).update(state)


position = Position()
accelerator.register_for_checkpointing(network, optimizer, position)


def save_checkpoint():
    """Writes the whole state. The checkpoint before goes once this one is complete."""
    position.log_size, position.elapsed_secs = run.log_size(), time.monotonic() - began
    name = f"step-{position.step}"
    accelerator.save_state(str(CHECKPOINTS / name))
    accelerator.wait_for_everyone()
    if is_main:
        write(CHECKPOINTS / "newest", name)
        for other in CHECKPOINTS.glob("step-*"):
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)


# The main process says which checkpoint there is, so that all begin with the same one.
newest = CHECKPOINTS / "newest"
found = broadcast_object_list([newest.read_text() if is_main and newest.exists() else None])[0]
if found:
    accelerator.load_state(str(CHECKPOINTS / found))
    accelerator.print(f"going on after step {position.step}")
    run.open_log(position.log_size)
else:
    run.begin(settings)
    in_bf16 = {"precision": "bf16"} if PRECISION == "bf16" else {}
    run.tell(**{**plan["run_started"], "device": device.type, **in_bf16})

# Slurm asks a process to end before it kills it. A checkpoint is written then.
asked_to_end = []
signal.signal(signal.SIGTERM, lambda *_: asked_to_end.append(True))
began = time.monotonic() - position.elapsed_secs
model, stage, saved_at = None, None, time.monotonic()
while position.step < STEPS and not (training["patience"] and position.waited >= training["patience"]):
    epoch = position.step // STEPS_PER_EPOCH + 1
    number = sum(stage["from_epoch"] <= epoch for stage in plan["stages"])
    if stage is not plan["stages"][number - 1]:
        stage, model = plan["stages"][number - 1], None
        gc.collect()  # the wrapper of the stage before lets go of its parameters
        model = thaw(stage)
        is_new = position.step == (stage["from_epoch"] - 1) * STEPS_PER_EPOCH
        if is_new and len(plan["stages"]) > 1:
            counts = {"trainable": stage["trainable_numbers"], "frozen": stage["frozen_numbers"]}
            run.tell("stage_started", stage=number, stages=len(plan["stages"]), step=position.step + 1, epoch=epoch, **counts)
    still_frozen_layers(stage)
    order = order_of(epoch)
    for start in range(position.step % STEPS_PER_EPOCH * ROWS, len(order), ROWS):
        step_began, rows = time.monotonic(), order[start : start + ROWS]
        rate = learning_rate(position.step)
        loss, correct, norm = take_step(model, rows, rate)
        elapsed_secs = time.monotonic() - began
        if not (math.isfinite(loss) and math.isfinite(norm)):
            run.fail(position.step + 1, rate, elapsed_secs)
            sys.exit(f"The loss is no number any more at step {position.step + 1}. Train at a lower learning rate.")
        position.step += 1
        mass = weights[[truths[row] for row in rows]].sum().item()
        position.add(loss=loss * mass, mass=mass, correct=correct, rows=len(rows), secs=time.monotonic() - step_began)
        run.tell(
            "step", step=position.step, epoch=epoch, loss=loss, accuracy=correct / len(rows), learning_rate=rate,
            grad_norm=norm, elapsed_secs=elapsed_secs, shared_secs=0.0,
        )  # fmt: skip
        accelerator.print(f"step {position.step} loss {loss:.6f}")
        # All processes save together, when the main one finds it is time or any is asked to end.
        is_due = 0 < 60 * training["checkpoint_minutes"] < time.monotonic() - saved_at
        wishes = torch.tensor([float(is_due and is_main), float(bool(asked_to_end))], device=device)
        wants_save, wants_end = accelerator.reduce(wishes, "sum").tolist()
        if wants_save or wants_end:
            save_checkpoint()
            saved_at = time.monotonic()
        if wants_end:
            sys.exit(f"ended after step {position.step}; start again to go on")
    logits, truth, counts = answer(parts["validation"])
    validation_loss = cross_entropy(logits, torch.tensor(truth), weight=weights.cpu()).item()
    sums = position.sums
    ended = {
        "epoch": epoch,
        "train_loss": sums["loss"] / sums["mass"],
        "train_accuracy": sums["correct"] / sums["rows"],
        "validation_loss": validation_loss if math.isfinite(validation_loss) else None,
        "validation_accuracy": accuracy(counts),
        "validation_confusion": matrix(counts),
        "rows_per_sec": sums["rows"] / max(sums["secs"], 1e-9),
        "elapsed_secs": time.monotonic() - began,
    }
    run.tell("epoch_ended", **ended)
    accelerator.print(f"epoch {epoch} validation accuracy {accuracy(counts):.4f} loss {validation_loss:.4f}")
    position.epochs.append(ended)
    position.sums = dict(Position.NOTHING)
    position.waited = 0 if validation_loss < position.lowest else position.waited + 1
    position.lowest = min(position.lowest, validation_loss)
    if training["keep"] == "best" and accuracy(counts) > position.best:
        position.best = accuracy(counts)
        if is_main:
            CHECKPOINTS.mkdir(exist_ok=True)
            save_file(weights_now(network.state_dict()), CHECKPOINTS / "best.safetensors")
    save_checkpoint()
    saved_at = time.monotonic()

# The end: the weights of the best epoch where they are wanted, the model, the proof of freeze, and the test.
train_secs = position.epochs[-1]["elapsed_secs"]
if training["keep"] == "best":
    accelerator.wait_for_everyone()
    network.load_state_dict(load_file(CHECKPOINTS / "best.safetensors"))
    network.to(device)
if is_main:
    run.keep_model(FOLDER / "model", weights_now(network.state_dict()))
    run.keep_proof(plan["names"], set(plan["ever"]), before, digests(weights_now(named)))
answers = {part: answer(parts[part]) for part in ("validation", "test")}
logits, truth, counts = answers["test"]
test = test_report(labels, counts, cross_entropy(logits, torch.tensor(truth)).item())
if is_main:
    chances = lambda logits: logits.double().softmax(-1).tolist()
    run.keep_answers(labels, [(part, splits[part], truth, chances(logits)) for part, (logits, truth, _) in answers.items()])
    memory = torch.cuda.max_memory_allocated() if device.type == "cuda" else 0
    run.end(test, counts, position.epochs, position.step, train_secs, memory)
    shutil.rmtree(CHECKPOINTS, ignore_errors=True)
accelerator.wait_for_everyone()
accelerator.print(f"test accuracy {test['accuracy']:.4f}")
accelerator.end_training()
