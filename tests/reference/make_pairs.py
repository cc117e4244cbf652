"""Golden numbers of rows of two texts from PyTorch + transformers: tokens, types, logits, and some steps of training.

    python make_pairs.py

The tiny models of `families`, each with a tokeniser of 120 tokens in one of the forms in which models are published. Of every
case `pairs.json` has the files, and for some lengths what `AutoTokenizer(firsts, seconds, truncation=True)` makes of the pairs
of `PAIRS`. `logits` are those of the first 8 pairs at the `length` of the case, padded. With `trains`, the model takes 8 steps
of AdamW on these rows as in make_reference.py (preset full): `losses`, `grad_norms` at the first step, and `type_gradient`,
the whole gradient of the table of token types at the first step.
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from make_reference import run

HERE = Path(__file__).parent
LENGTHS = [4, 5, 6, 7, 12, 13, 30, 31, 60]
STEPS = 8


def words(first, n):
    """n words, of which each is one token in every tokeniser here."""
    return " ".join(f"w{chr(97 + (first + i * 7) % 26)}" for i in range(n))


COUNTS = [(3, 2), (20, 3), (3, 20), (15, 15), (16, 15), (15, 16), (1, 1), (9, 30),
          (40, 40), (41, 40), (40, 41), (70, 200), (200, 70), (0, 3), (3, 0), (0, 0), (1, 60), (60, 1), (29, 29), (28, 30)]
PAIRS = [(words(n, a), words(n + 3, b)) for n, (a, b) in enumerate(COUNTS)]
LETTERS = [chr(97 + i) for i in range(26)]


def vocabulary():
    own = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *[f"w{letter}" for letter in LETTERS]]
    return own + [f"x{i}" for i in range(120 - len(own))]


def bert_files(**config):
    named = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **config}
    return {"vocab.txt": "\n".join(vocabulary()) + "\n", "tokenizer_config.json": json.dumps(named)}


def roberta_files():
    own = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "w", *LETTERS[:22], *LETTERS[23:], "\u0120"]
    pairs = [("\u0120", "w")] + [("w", letter) for letter in LETTERS] + [("\u0120w", letter) for letter in LETTERS]
    own += ["".join(pair) for pair in pairs]
    own += [f"x{i}" for i in range(120 - len(own))]
    merges = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in pairs)
    return {"vocab.json": json.dumps({token: i for i, token in enumerate(own)}), "merges.txt": merges,
            "tokenizer_config.json": json.dumps({"tokenizer_class": "RobertaTokenizer"})}


def xlm_files():
    own = ["<s>", "<pad>", "</s>", "<unk>", *[f"\u2581w{letter}" for letter in LETTERS], "\u2581", "w", *LETTERS]
    own += [f"x{i}" for i in range(119 - len(own))] + ["<mask>"]
    pieces = [(token, 0.0 if i < 4 else -2.0 - 0.01 * i) for i, token in enumerate(own)]
    tokeniser = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokeniser.normalizer = normalizers.Replace(" {2,}", " ")
    tokeniser.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokeniser.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokeniser.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokeniser.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>",
              "unk_token": "<unk>", "mask_token": "<mask>"}
    return {"tokenizer.json": tokeniser.to_str(), "tokenizer_config.json": json.dumps(config)}


def as_one_file(files, family, config=None):
    """The same tokeniser as transformers saves it in tokenizer.json."""
    with tempfile.TemporaryDirectory() as folder:
        open_tokeniser(files, family, folder).save_pretrained(folder)
        saved = (Path(folder) / "tokenizer.json").read_text()
        own = config or json.loads((Path(folder) / "tokenizer_config.json").read_text())
    return {"tokenizer.json": saved, "tokenizer_config.json": json.dumps(own)}


def open_tokeniser(files, family, folder):
    for name in ("config.json", "model.safetensors"):
        shutil.copy(HERE / "families" / family / name, folder)
    for name, text in files.items():
        (Path(folder) / name).write_text(text)
    return AutoTokenizer.from_pretrained(folder)


BERT = bert_files()
FAST = {"tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]",
        "unk_token": "[UNK]", "mask_token": "[MASK]"}
# name: family, files, length, whether it trains, and what the tokeniser is asked for beside that for the model
CASES = {
    "bert, vocab.txt": ("bert", BERT, 31, True, {}),
    "bert, tokenizer.json": ("bert", as_one_file(BERT, "bert"), 30, False, {}),
    "bert, cut at the beginning": ("bert", bert_files(truncation_side="left"), 31, False, {}),
    "bert, a class without types": ("bert", as_one_file(BERT, "bert", FAST), 31, False, {}),
    "bert, types by name": (
        "bert", as_one_file(BERT, "bert", {**FAST, "model_input_names": ["input_ids", "token_type_ids", "attention_mask"]}), 31, False, {}),
    "electra, vocab.txt": ("electra", bert_files(tokenizer_class="ElectraTokenizer"), 31, True, {}),
    "distilbert, vocab.txt": ("distilbert", bert_files(tokenizer_class="DistilBertTokenizer"), 31, True, {}),
    "roberta, vocab.json": ("roberta", roberta_files(), 31, True, {}),
    "roberta, tokenizer.json": ("roberta", as_one_file(roberta_files(), "roberta"), 30, False, {}),
    "xlm-roberta, tokenizer.json": ("xlm-roberta", xlm_files(), 31, True, {}),
    # Python fails over the second type, of which the model has no row, unless it is told to make none.
    "roberta with bert's tokeniser": ("roberta", BERT, 31, False, {"return_token_type_ids": False}),
}


def case(name, family, files, length, trains, asked):
    with tempfile.TemporaryDirectory() as folder:
        tokeniser = open_tokeniser(files, family, folder)
        encoded = []
        for most in LENGTHS:
            # An empty second text is one in a batch; transformers takes it for none where it is asked for one pair alone.
            rows = tokeniser([a for a, _ in PAIRS], [b for _, b in PAIRS], truncation=True, max_length=most)
            # Without types every token is of type 0.
            types = rows.get("token_type_ids", [[] for _ in PAIRS])
            assert all(row == sorted(row) for row in types)
            encoded.append({"max_length": most, "ids": rows["input_ids"], "of_type_1": [sum(row) for row in types]})
        config = AutoConfig.from_pretrained(folder)
        for key in ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout", "attention_dropout", "seq_classif_dropout"):
            if hasattr(config, key):
                setattr(config, key, 0.0)
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, config=config, dtype=torch.float32, attn_implementation="eager")
        first, second = zip(*PAIRS[:8])
        batch = dict(tokeniser(list(first), list(second), padding=True, truncation=True, max_length=length, return_tensors="pt", **asked))
        model.eval()
        with torch.no_grad():
            logits = model(**batch).logits.tolist()
        found = {"name": name, "family": family, "files": files, "encoded": encoded, "length": length, "logits": logits}
        if trains:
            batch["labels"] = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
            model.train()
            base = getattr(model, model.base_model_prefix)
            model(**batch).loss.backward()
            table = getattr(base.embeddings, "token_type_embeddings", None)
            type_gradient = table.weight.grad.flatten().tolist() if table is not None else None
            model.zero_grad()
            losses, norms = run(model, base, batch, "full", STEPS, 1e-3)
            found |= {"losses": losses, "grad_norms": norms, "type_gradient": type_gradient}
        return found


def main():
    torch.set_num_threads(1)
    found = {"pairs": PAIRS, "cases": [case(name, *given) for name, given in CASES.items()]}
    lines = json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace('{"name"', '\n{"name"')
    (HERE / "pairs.json").write_text(lines + "\n")


if __name__ == "__main__":
    main()
