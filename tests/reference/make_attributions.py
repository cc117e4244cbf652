"""Attributions, attention and predictions without single words, from Captum and transformers.

    pip install torch transformers safetensors captum
    python make_attributions.py --model ../../assets/model --out attributions.json

For the bundled model with the head of `minilm.safetensors` and for the first rows of each family's `NAME_case.safetensors`:
`attributions` are Captum's LayerIntegratedGradients over the whole embeddings module (in ELECTRA
the projection behind it), summed over its width, of the logit of
`label` minus the mean of all logits. The baseline has the padding token in the place of all tokens but the first and the
last, and the text's own positions. `gradient_input` is Captum's LayerGradientXActivation at the same place. Captum has no
rule of Clenshaw and Curtis, so that its points and weights come from here; with `internal_batch_size` it would take its own
ones all the same. All is computed in float64, so that what differs is Thaw's rounding. `attention` is `output_attentions`, `[heads,
tokens, tokens]` flattened, of `layer`. `without` are probabilities of `label` for texts from which one word was removed.
"""
import argparse, json, math
import torch
from captum.attr import LayerGradientXActivation, LayerIntegratedGradients
from captum.attr._core import integrated_gradients as ig
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer


def clenshaw_curtis(method=None):
    points = lambda n: [(1 - math.cos(math.pi * k / (n - 1))) / 2 for k in range(n)]

    def weights(points):
        n = points - 1
        def weight(k):
            terms = sum((1 if 2 * j == n else 2) / (4 * j * j - 1) * math.cos(2 * j * math.pi * k / n) for j in range(1, n // 2 + 1))
            return (0.5 if k in (0, n) else 1.0) / n * (1 - terms)
        return [weight(k) for k in range(points)]

    return weights, points


ig.approximation_parameters = clenshaw_curtis
ap = argparse.ArgumentParser()
ap.add_argument("--model", required=True); ap.add_argument("--out", required=True)
a = ap.parse_args()
torch.set_num_threads(1)
STEPS = 16
TEXTS = [("A wonderful little production.", ["A", "wonderful", "little", "production", "."]),
         ("Flat, joyless and two hours too long.", ["Flat", ",", "joyless", "and", "two", "hours", "too", "long", "."]),
         ("It isn't good 😀 영화", ["It", "isn't", "good", "😀", "영화"])]


def load(folder, head):
    cfg = AutoConfig.from_pretrained(folder, num_labels=head["logits"].shape[1])
    model = AutoModelForSequenceClassification.from_pretrained(folder, config=cfg, dtype=torch.float64, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "head." + name in head: p.copy_(head["head." + name])
    return model


def explain(model, ids, layer):
    """`ids` is one row without padding."""
    ids = ids[None]
    base = getattr(model, model.base_model_prefix)
    # ELECTRA maps its narrow embeddings to the width of the layers.
    place = getattr(base, "embeddings_project", base.embeddings)
    pad = model.config.pad_token_id or 0
    first = pad + 1 if "roberta" in model.config.model_type else 0
    positions = torch.arange(first, first + ids.shape[1])[None]
    takes = "distilbert" not in model.config.model_type

    def logits(ids):
        more = {"position_ids": positions.expand(len(ids), -1)} if takes else {}
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), **more).logits

    with torch.no_grad():
        label = int(logits(ids).argmax())

    def target(ids):
        # Captum keeps what the layer computed last, so that the model is to be run once.
        found = logits(ids)
        return found[:, label] - found.mean(1)

    blank = ids.clone(); blank[0, 1:-1] = pad
    integrated = LayerIntegratedGradients(target, place).attribute(ids, blank, n_steps=STEPS + 1)
    product = LayerGradientXActivation(target, place).attribute(ids)
    with torch.no_grad():
        attention = model(input_ids=ids, attention_mask=torch.ones_like(ids), output_attentions=True).attentions[layer][0]
    return {"ids": ids[0].tolist(), "label": label, "steps": STEPS, "attributions": integrated[0].sum(-1).tolist(),
            "gradient_input": product[0].sum(-1).tolist(), "layer": layer, "attention": attention.flatten().tolist()}


def without(text, word):
    at = text.index(word)
    before, behind = text[:at], text[at + len(word):]
    if behind.startswith(" ") and (not before or before.endswith(" ")): behind = behind[1:]
    if not behind and before.endswith(" "): before = before[:-1]
    return before + behind


out = {"families": {}}
for family in ("bert", "distilbert", "roberta", "xlm-roberta", "electra"):
    case = load_file(f"families/{family}_case.safetensors")
    model = load(f"families/{family}", case)
    rows = [ids[mask.bool()] for ids, mask in zip(case["input_ids"], case["attention_mask"])]
    out["families"][family] = [explain(model, row, 1) for row in rows[:3]]
case = load_file("minilm.safetensors")
model, tokeniser = load(a.model, case), AutoTokenizer.from_pretrained(a.model)
out["bundled"] = []
for text, words in TEXTS:
    found = explain(model, tokeniser(text, return_tensors="pt").input_ids[0], 4)
    with torch.no_grad():
        less = [model(**tokeniser(without(text, word), return_tensors="pt")).logits.softmax(-1)[0, found["label"]].item() for word in words]
    out["bundled"].append({"text": text, "words": words, "without": less, **found})
rounded = lambda x: [rounded(y) for y in x] if isinstance(x, list) else {k: rounded(v) for k, v in x.items()} if isinstance(x, dict) else float(f"{x:.8g}") if isinstance(x, float) else x
json.dump(rounded(out), open(a.out, "w"), ensure_ascii=False)
