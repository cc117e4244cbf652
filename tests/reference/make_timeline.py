"""Golden numbers of an unfreezing plan with learning rate factors, from PyTorch + transformers.

    python make_timeline.py families/bert families/bert_case.safetensors --out timeline.json

The tiny BERT of `families`, its batch and its initial head, every dropout at 0. Stage 1, 4 steps: the last layer, the
pooler and the classifier (preset 3). Stage 2, 6 steps: everything. Each layer has the learning rate of the one above
times 0.5 (the embeddings are one below layer 0), the pooler twice the rate. AdamW over all parameters from the start:
what has had no gradient yet has no state, so its bias correction counts from its own first step. Weight decay, clipping
and schedule as in make_reference.py, peak 1e-3.
"""
import argparse, json
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification, get_linear_schedule_with_warmup

STEPS, THAWED_AT, LR = 10, 4, 1e-3

ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("case"); ap.add_argument("--out", required=True)
a = ap.parse_args()
torch.set_num_threads(1)
case = load_file(a.case)
cfg = AutoConfig.from_pretrained(a.model, num_labels=3, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
model = AutoModelForSequenceClassification.from_pretrained(a.model, config=cfg, dtype=torch.float32, attn_implementation="eager")
with torch.no_grad():
    for name, p in model.named_parameters():
        if "head." + name in case: p.copy_(case["head." + name])
batch = {k: case[k] for k in ("input_ids", "attention_mask", "labels")}
layers = cfg.num_hidden_layers


def factor(name):
    for i in range(layers):
        if f"layer.{i}." in name: return 0.5 ** (layers - 1 - i)
    if "embeddings." in name: return 0.5 ** layers
    return 2.0 if "pooler" in name else 1.0


def in_stage_1(name): return name.startswith("classifier") or "pooler" in name or f"layer.{layers - 1}." in name


groups = [{"params": [p], "lr": LR * factor(n), "weight_decay": 0.0 if n.endswith("bias") or "LayerNorm" in n else 0.01} for n, p in model.named_parameters()]
opt = torch.optim.AdamW(groups, lr=LR)
sched = get_linear_schedule_with_warmup(opt, 2, STEPS)
model.train()
losses = []
for step in range(STEPS):
    for n, p in model.named_parameters(): p.requires_grad = step >= THAWED_AT or in_stage_1(n)
    out = model(**batch)
    out.loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 1.0)
    opt.step(); sched.step(); opt.zero_grad(set_to_none=True)
    losses.append(out.loss.item())
# How far each parameter has gone from where it began.
start = AutoModelForSequenceClassification.from_pretrained(a.model, config=cfg, dtype=torch.float32)
begun = {n: case.get("head." + n, p.detach()) for n, p in start.named_parameters()}
moved = {n: (p.detach() - begun[n]).norm().item() for n, p in model.named_parameters()}
json.dump({"losses": losses, "moved": moved}, open(a.out, "w"), indent=1)
print(losses)
