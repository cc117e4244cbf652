"""Every parameter's gradient at the first step, element by element, from PyTorch + transformers.

    python make_gradients.py ../../assets/model minilm.safetensors --elements 64 --out minilm_gradients.safetensors
    for f in bert distilbert roberta xlm-roberta electra; do
        python make_gradients.py families/$f families/${f}_case.safetensors --out families/${f}_gradients.safetensors
    done

The model, batch and initial head are those of `make_reference.py`, every dropout is 0 and everything trains; a frozen
parameter changes no other one's gradient, so presets 1, 2 and 3 have these gradients too. Of a large model only some
elements of each tensor are kept: `--elements` that are spread over it, and as many that are the largest. Their places
in the flattened tensor are `NAME.index`, their values `NAME`.
"""
import argparse
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForSequenceClassification

ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("case"); ap.add_argument("--out", required=True); ap.add_argument("--elements", type=int)
a = ap.parse_args()
torch.set_num_threads(1)
case = load_file(a.case)
cfg = AutoConfig.from_pretrained(a.model, num_labels=case["logits"].shape[1])
for k in ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout", "attention_dropout", "seq_classif_dropout"):
    if hasattr(cfg, k): setattr(cfg, k, 0.0)
model = AutoModelForSequenceClassification.from_pretrained(a.model, config=cfg, dtype=torch.float32, attn_implementation="eager")
with torch.no_grad():
    for name, p in model.named_parameters():
        if "head." + name in case: p.copy_(case["head." + name])
batch = {k: v for k, v in case.items() if k in ("input_ids", "attention_mask", "token_type_ids", "labels")}
model.train()
out = model(**batch)
assert torch.allclose(out.logits, case["logits"], atol=1e-5), "the same model and batch"
out.loss.backward()
kept = {}
for name, p in model.named_parameters():
    g = p.grad.flatten()
    if a.elements and len(g) > 2 * a.elements:
        spread = torch.arange(a.elements) * len(g) // a.elements
        index = torch.cat([spread, g.abs().topk(a.elements).indices]).unique()
        kept[name + ".index"], g = index.to(torch.int64), g[index]
    kept[name] = g.contiguous()
save_file(kept, a.out)
print(a.out, len(kept), "tensors,", sum(v.numel() for v in kept.values()), "numbers")
