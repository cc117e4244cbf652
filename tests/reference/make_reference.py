"""Golden numbers from PyTorch + transformers, for checking another implementation.

    pip install torch transformers safetensors scikit-learn
    python make_reference.py --model ../../assets/model --out minilm

A fixed batch (input_ids, attention_mask, token_type_ids, labels) and what PyTorch computes with every dropout at 0: logits, loss, the L2 norm of every parameter's gradient, and `losses` of a short AdamW run.
The optimiser run is: AdamW, betas 0.9/0.999, eps 1e-8, weight decay 0.01 on everything but biases and
LayerNorm weights, gradient clipping at global norm 1.0, linear warm-up over 2 steps then linear decay to 0.
"""
import argparse, json
import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

TEXTS = [("A wonderful little production.", 1), ("Basically there's a family where a little boy thinks there's a zombie in his closet.", 0),
               ("I thought this was a wonderful way to spend time on a too hot summer weekend, sitting in the air conditioned theater.", 1),
               ("Flat, joyless and two hours too long; not even the café scene at the end helps.", 0), ("Great!", 1), ("no", 0),
               ("The acting is superb, the script less so, but I would see it again.", 1), ("What a waste of a fine cast.", 0)]


def strategy(model, base, preset):
    """1: encoder frozen. 2: + pooler trains. 3: + last encoder layer trains. full: everything trains."""
    last = f"layer.{model.config.num_hidden_layers - 1}."
    for name, p in base.named_parameters():
        p.requires_grad = preset == "full" or (preset in ("2", "3") and name.startswith("pooler")) or (preset == "3" and last in name)


def run(model, base, batch, preset, steps, lr):
    strategy(model, base, preset)
    decay, plain = [], []
    for n, p in model.named_parameters():
        if p.requires_grad:
            (plain if n.endswith("bias") or "LayerNorm" in n or "layer_norm" in n else decay).append(p)
    opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=lr)
    sched = get_linear_schedule_with_warmup(opt, 2, steps)
    losses, norms = [], None
    for _ in range(steps):
        out = model(**batch)
        out.loss.backward()
        if norms is None:
            norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        opt.step(); sched.step(); opt.zero_grad()
        losses.append(out.loss.item())
    return losses, norms


def case(folder, out, texts, labels, presets, steps=12, lr=1e-3, n_labels=2, seed=11):
    cfg = AutoConfig.from_pretrained(folder, num_labels=n_labels)
    for k in ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout", "attention_dropout", "seq_classif_dropout"):
        if hasattr(cfg, k): setattr(cfg, k, 0.0)
    tok = AutoTokenizer.from_pretrained(folder)
    result = {"presets": {}}
    for preset in presets:
        torch.manual_seed(seed)
        model = AutoModelForSequenceClassification.from_pretrained(folder, config=cfg, dtype=torch.float32, attn_implementation="eager")
        base = getattr(model, model.base_model_prefix)
        batch = dict(tok([t for t, _ in texts], padding=True, truncation=True, max_length=64, return_tensors="pt"))
        batch["labels"] = torch.tensor(labels)
        model.train()
        with torch.no_grad(): first = model(**batch)
        if preset == presets[0]:
            head = {n: p.detach().clone() for n, p in model.named_parameters() if not n.startswith(model.base_model_prefix + ".")}
            save_file({**{k: v.contiguous() for k, v in batch.items()}, "logits": first.logits.contiguous(), **{f"head.{k}": v for k, v in head.items()}}, f"{out}.safetensors")
        losses, norms = run(model, base, batch, preset, steps, lr)
        result["presets"][preset] = {"loss": first.loss.item(), "losses": losses, "grad_norms": norms,
                                     "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad)}
    named = [n for n, _ in model.named_parameters()]
    result.update(base_parameters=[n for n, _ in base.named_parameters()], head_parameters=[n for n in named if not n.startswith(model.base_model_prefix + ".")])
    result.update(lr=lr, steps=steps, texts=[t for t, _ in texts])
    json.dump(result, open(f"{out}.json", "w"), indent=1)
    print(out, {k: [round(x, 5) for x in v["losses"][:3]] for k, v in result["presets"].items()})


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", required=True); ap.add_argument("--out", required=True); ap.add_argument("--seed", type=int, default=11)
    a = ap.parse_args()
    torch.set_num_threads(1)
    case(a.model, a.out, TEXTS, [label for _, label in TEXTS], ["1", "2", "3", "full"], seed=a.seed)
