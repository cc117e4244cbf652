"""Golden numbers of whole trainings from PyTorch + transformers: gradient accumulation, a short last step, clipping.

    python make_trainer.py families/bert families/bert_case.safetensors trainer_rows.json --out trainer

The tiny BERT of `families` and its initial head, every dropout at 0. `trainer_rows.json` holds the rows of a table (a text is
a list of words `wN`, whose token id is N, between [CLS] = 2 and [SEP] = 3), and the order of the training rows in each epoch,
which the trainer draws from its seed. A step has 2 batches of 3 rows; the last step of an epoch has one of 3 and one of 2.
The loss of a step is the mean over its rows. AdamW as in make_reference.py but a weight decay of 0.1, clipping at 0.5,
linear warm-up to 1e-3 over the first 3 of the 9 steps, and linear decay that would reach 0 after the last.

`trainer.json` has for presets 3 and full the `losses` and `grad_norms` (before clipping) of all steps; `trainer.safetensors`
has the final weights of what trains, as `PRESET/NAME`.
"""
import argparse, json, math
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForSequenceClassification, get_linear_schedule_with_warmup
from make_reference import strategy

BATCH, ACCUMULATED, CLIP, LR, WARMUP, DECAY = 3, 2, 0.5, 1e-3, 0.3, 0.1

ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("case"); ap.add_argument("rows"); ap.add_argument("--out", required=True)
a = ap.parse_args()
torch.set_num_threads(1)
case, table = load_file(a.case), json.load(open(a.rows))
ids = [[2] + [int(word[1:]) for word in text.split()] + [3] for text, _ in table["rows"]]
labels = [int(label) for _, label in table["rows"]]


def mean_loss(model, rows):
    longest = max(len(ids[r]) for r in rows)
    padded = torch.tensor([ids[r] + [0] * (longest - len(ids[r])) for r in rows])
    mask = torch.tensor([[1] * len(ids[r]) + [0] * (longest - len(ids[r])) for r in rows])
    return model(input_ids=padded, attention_mask=mask, labels=torch.tensor([labels[r] for r in rows])).loss


def train(preset):
    cfg = AutoConfig.from_pretrained(a.model, num_labels=3, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = AutoModelForSequenceClassification.from_pretrained(a.model, config=cfg, dtype=torch.float32, attn_implementation="eager")
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "head." + name in case: p.copy_(case["head." + name])
    strategy(model, model.base_model, preset)
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    is_plain = lambda n: n.endswith("bias") or "LayerNorm" in n
    groups = [{"params": [p], "weight_decay": 0.0 if is_plain(n) else DECAY} for n, p in trained]
    steps = sum(math.ceil(len(order) / (BATCH * ACCUMULATED)) for order in table["orders"])
    opt = torch.optim.AdamW(groups, lr=LR)
    sched = get_linear_schedule_with_warmup(opt, math.ceil(WARMUP * steps), steps)
    model.train()
    losses, norms = [], []
    for order in table["orders"]:
        for start in range(0, len(order), BATCH * ACCUMULATED):
            rows = order[start:start + BATCH * ACCUMULATED]
            loss = 0.0
            for first in range(0, len(rows), BATCH):
                part = rows[first:first + BATCH]
                share = mean_loss(model, part) * len(part) / len(rows)
                share.backward()
                loss += share.item()
            norms.append(torch.nn.utils.clip_grad_norm_([p for _, p in trained], CLIP).item())
            opt.step(); sched.step(); opt.zero_grad()
            losses.append(loss)
    return {"losses": losses, "grad_norms": norms}, {f"{preset}/{n}": p.detach().contiguous() for n, p in trained}


numbers, weights = {}, {}
for preset in ("3", "full"):
    numbers[preset], own = train(preset)
    weights.update(own)
    print(preset, [round(x, 4) for x in numbers[preset]["losses"]], [round(x, 3) for x in numbers[preset]["grad_norms"]])
json.dump(numbers, open(a.out + ".json", "w"), indent=1)
save_file(weights, a.out + ".safetensors")
