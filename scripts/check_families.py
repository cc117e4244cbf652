"""Does Hugging Face transformers predict the same with a model of every family that Thaw trained and saved?

    python scripts/check_families.py [--thaw target/release/thaw] [--out FOLDER]

Makes a small random model of each family as it is met in the wild (with and without a head, as pytorch_model.bin, with only a
vocab.txt, with only vocab.json and merges.txt), with a tokenizer over the bundled reviews; has `thaw train` fine-tune it on
some of them, first the head, then all; and compares what was saved by check_with_transformers.py: no weight missing or left over, the same predictions.
Exit status 0 when all agree. `check_with_transformers.sh --families` brings its own Python environment.
"""
import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from tokenizers import ByteLevelBPETokenizer, SentencePieceUnigramTokenizer

HERE = Path(__file__).parent
ASSETS = HERE.parent / "assets"
SMALL = dict(hidden_size=64, num_hidden_layers=3, num_attention_heads=4, intermediate_size=128)
DISTIL = dict(dim=64, n_layers=3, n_heads=4, hidden_dim=128)
ROBERTA = dict(SMALL, max_position_embeddings=130, pad_token_id=1, type_vocab_size=1, layer_norm_eps=1e-5)
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def reviews():
    with open(ASSETS / "data" / "movie_reviews.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    longest = max(range(len(rows[1])), key=lambda column: len(rows[1][column]))
    return [row[longest] for row in rows[1:4000]]


def word_pieces(folder, names):
    for name in names:
        shutil.copy(ASSETS / "model" / name, folder)
    return 30522


def byte_pairs(folder, whole):
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(reviews(), vocab_size=2000, special_tokens=SPECIALS)
    trained.save_model(str(folder))
    size = trained.get_vocab_size()
    if whole:
        transformers.RobertaTokenizer.from_pretrained(folder).save_pretrained(folder)
        for name in ("vocab.json", "merges.txt"):
            (folder / name).unlink(missing_ok=True)
    return size


def unigrams(folder):
    trained = SentencePieceUnigramTokenizer()
    trained.train_from_iterator(reviews(), vocab_size=2000, special_tokens=SPECIALS, unk_token="<unk>")
    pieces = [tuple(piece) for piece in json.loads(trained._tokenizer.to_str())["model"]["vocab"]]
    transformers.XLMRobertaTokenizer(vocab=pieces).save_pretrained(folder)
    return len(pieces)


def model(folder, class_name, size, config, pickled=False):
    torch.manual_seed(7)
    made = getattr(transformers, class_name)
    made = made(made.config_class(vocab_size=size, **config))
    # Nothing left at 0 or 1, biases and norms included; and matrices large enough that attention tells tokens apart.
    for parameter in made.parameters():
        parameter.data.add_((0.25 if parameter.dim() == 2 else 0.05) * torch.randn_like(parameter))
    made.save_pretrained(folder)
    if pickled:
        (folder / "model.safetensors").unlink()
        torch.save(made.state_dict(), folder / "pytorch_model.bin")


ALL = ["tokenizer.json", "tokenizer_config.json", "vocab.txt"]
CASES = {
    "bert": ("BertModel", lambda f: word_pieces(f, ALL), SMALL, {}),
    "bert-with-head": ("BertForSequenceClassification", lambda f: word_pieces(f, ALL), {**SMALL, "num_labels": 5}, {}),
    "bert-bin": ("BertForPreTraining", lambda f: word_pieces(f, ALL), SMALL, dict(pickled=True)),
    "distilbert": ("DistilBertForMaskedLM", lambda f: word_pieces(f, ["vocab.txt"]), DISTIL, {}),
    "roberta": ("RobertaForMaskedLM", lambda f: byte_pairs(f, whole=False), ROBERTA, dict(pickled=True)),
    "roberta-whole": ("RobertaModel", lambda f: byte_pairs(f, whole=True), ROBERTA, {}),
    "xlm-roberta": ("XLMRobertaForMaskedLM", unigrams, ROBERTA, {}),
    "electra": ("ElectraForPreTraining", lambda f: word_pieces(f, ["tokenizer.json"]), dict(SMALL, embedding_size=32), {}),
    "electra-wide": ("ElectraForSequenceClassification", lambda f: word_pieces(f, ALL), dict(SMALL, embedding_size=64), {}),
}


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--thaw", default="target/release/thaw", help="the program to check (target/release/thaw)")
    args.add_argument("--out", type=Path, help="where models and runs go (a temporary folder)")
    args.add_argument("--only", help="one of " + ", ".join(CASES))
    args = args.parse_args()
    out = args.out or Path(tempfile.mkdtemp(prefix="thaw-families-"))
    failed = []
    for name, (class_name, tokeniser, config, how) in CASES.items():
        if args.only not in (None, name):
            continue
        folder, first, run, given = out / name, out / f"{name}-head", out / f"{name}-run", out / f"{name}-export"
        for path in (folder, first, run, given):
            shutil.rmtree(path, ignore_errors=True)
        folder.mkdir(parents=True)
        model(folder, class_name, tokeniser(folder), config, **how)
        print(f"== {name}: {class_name}", flush=True)
        # The head alone and quickly, so that predictions differ from text to text: where all are alike, a wrong tokenizer
        # would go unseen. Then everything, from that run's folder with its head.
        train = [args.thaw, "train", "--max-rows", "400", "--epochs", "2", "--batch-size", "8"]
        head = [*train, "--model", folder, "--out", first, "--freeze", "1", "--learning-rate", "2e-2"]
        full = [*train, "--model", first, "--out", run, "--freeze", "full", "--learning-rate", "1e-4"]
        check = [sys.executable, HERE / "check_with_transformers.py", run, "--thaw", args.thaw, "--least-spread", "0.1"]
        # And the folder that is given away, without a word of Thaw's in it.
        export = [args.thaw, "export", run, "--to", given]
        recheck = [given if part == run else part for part in check]
        commands = (head, full, check, export, recheck)
        if any(subprocess.run([str(part) for part in command]).returncode for command in commands):
            failed.append(name)
    print("not the same: " + ", ".join(failed) if failed else "all families agree with transformers")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
