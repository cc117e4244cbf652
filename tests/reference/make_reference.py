"""Golden numbers from PyTorch + transformers, for checking another implementation.

    pip install torch transformers safetensors scikit-learn
    python make_reference.py bundled --model ../../assets/model --out minilm
    python make_reference.py families --out families

Every case holds: the model (a Hugging Face folder), a fixed batch (input_ids, attention_mask,
token_type_ids where the family has them, labels), and what PyTorch computes with every dropout at 0:
logits, loss, the L2 norm of every parameter's gradient, and `losses` of a short AdamW run.
The optimiser run is: AdamW, betas 0.9/0.999, eps 1e-8, weight decay 0.01 on everything but biases and
LayerNorm weights, gradient clipping at global norm 1.0, linear warm-up over 2 steps then linear decay to 0.
"""
import argparse, json, os
import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

TEXTS = {
    "public": [("A wonderful little production.", 1), ("Basically there's a family where a little boy thinks there's a zombie in his closet.", 0),
               ("I thought this was a wonderful way to spend time on a too hot summer weekend, sitting in the air conditioned theater.", 1),
               ("Flat, joyless and two hours too long; not even the café scene at the end helps.", 0), ("Great!", 1), ("no", 0),
               ("The acting is superb, the script less so, but I would see it again.", 1), ("What a waste of a fine cast.", 0)],
}


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
    tok = AutoTokenizer.from_pretrained(folder) if texts else None
    result = {"presets": {}}
    for preset in presets:
        torch.manual_seed(seed)
        model = AutoModelForSequenceClassification.from_pretrained(folder, config=cfg, dtype=torch.float32, attn_implementation="eager")
        base = getattr(model, model.base_model_prefix)
        if texts:
            batch = dict(tok([t for t, _ in texts], padding=True, truncation=True, max_length=64, return_tensors="pt"))
        else:
            g = torch.Generator().manual_seed(seed)
            ids = torch.randint(5, cfg.vocab_size, (6, 17), generator=g); mask = torch.ones_like(ids)
            for i, n in enumerate((17, 9, 13, 4, 17, 2)): mask[i, n:] = 0; ids[i, n:] = cfg.pad_token_id or 0
            batch = {"input_ids": ids, "attention_mask": mask}
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
    result.update(lr=lr, steps=steps, texts=[t for t, _ in texts] if texts else None)
    json.dump(result, open(f"{out}.json", "w"), indent=1)
    print(out, {k: [round(x, 5) for x in v["losses"][:3]] for k, v in result["presets"].items()})


TINY = {
    "bert": ("BertConfig", dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64)),
    "distilbert": ("DistilBertConfig", dict(dim=32, n_layers=3, n_heads=4, hidden_dim=64)),
    "roberta": ("RobertaConfig", dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, max_position_embeddings=66, pad_token_id=1, type_vocab_size=1)),
    "xlm-roberta": ("XLMRobertaConfig", dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, max_position_embeddings=66, pad_token_id=1, type_vocab_size=1)),
    "electra": ("ElectraConfig", dict(embedding_size=24, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64)),
}

if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("what", choices=["bundled", "families"]); ap.add_argument("--model"); ap.add_argument("--out", required=True)
    ap.add_argument("--texts", help="a JSON list of [text, label]"); ap.add_argument("--seed", type=int, default=11)
    a = ap.parse_args()
    torch.set_num_threads(1)
    texts = [tuple(x) for x in json.load(open(a.texts))] if a.texts else TEXTS["public"]
    if a.what == "bundled":
        case(a.model, a.out, texts, [l for _, l in texts], ["1", "2", "3", "full"], seed=a.seed)
    else:
        import transformers
        for name, (cls, kw) in TINY.items():
            torch.manual_seed(a.seed)
            folder = os.path.join(a.out, name); os.makedirs(folder, exist_ok=True)
            cfg = getattr(transformers, cls)(vocab_size=120, num_labels=3, **kw)
            m = transformers.AutoModelForSequenceClassification.from_config(cfg)
            for p in m.parameters():  # every tensor non-trivial, LayerNorm and biases included
                p.data.add_(0.05 * torch.randn_like(p))
            m.save_pretrained(folder)
            case(folder, os.path.join(a.out, name + "_case"), None, [0, 1, 2, 0, 1, 2], ["1", "2", "3", "full"], steps=8, n_labels=3, seed=a.seed)
