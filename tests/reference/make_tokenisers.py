"""Makes tokenisers.json: model folders whose small files change what a tokeniser does, and the ids of transformers.

Needs transformers 5 and no model: the vocabularies are a few words long. Run it in this folder:
    python make_tokenisers.py
"""

import json
import tempfile
from pathlib import Path

from transformers import AutoTokenizer

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the a choir tent was there caf ##e ##s , . ! ##a 中 The na ##ve user [ ] café".split()
TEXTS = [
    "the covfefe choir",
    "a COVFEFE tent, covfefes!",
    "the [USER] was  [USER]there",
    "the [user] x[USER]y <end> there <END>",
    "a big tent  big  bigs",
    "the [MASK] caf\u00e9 \u4e2d\u4e2d The na\u00efve",
    "[CLS] the [SEP] <s> </s> tent",
    "",
]
BYTES = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *"theca", "\u0120", "th", "the", "\u0120the", "\u0120c", "v", "o", "f"]
MERGES = "#version: 0.2\nt h\nth e\n\u0120 the\n\u0120 c\n"
BYTE_TEXTS = ["the the", "the <mask> the", "the covfefe cat", "covfefe<extra>the <extra> the", " the"]


def config(**fields):
    return json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True, **fields})


def token(content, **flags):
    plain = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": False}
    return {"content": content, **plain, **flags}


def word_piece(folder_config, vocabulary=WORDS, **files):
    named = {name.replace("__", "."): text for name, text in files.items()}
    return {"vocab.txt": "\n".join(vocabulary) + "\n", "tokenizer_config.json": folder_config, **named}


def byte_pairs(folder_config, **files):
    named = {name.replace("__", "."): text for name, text in files.items()}
    vocabulary = json.dumps({word: i for i, word in enumerate(BYTES)})
    return {"vocab.json": vocabulary, "merges.txt": MERGES, "tokenizer_config.json": folder_config, **named}


N = len(WORDS)
FLAGS = {
    str(N): token("covfefe", normalized=True),
    str(N + 1): token("[USER]", special=True, lstrip=True, rstrip=True),
    str(N + 2): token("big", single_word=True, normalized=True),
    str(N + 3): token("<END>", normalized=True, lstrip=True),
}
SPECIALS = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
FOLDERS = {
    "added tokens with ids": word_piece(
        config(), added_tokens__json=json.dumps({"[USER]": N + 1, "covfefe": N}),
        special_tokens_map__json=json.dumps({**SPECIALS, "additional_special_tokens": ["[USER]"]}),
    ),
    "flags of added tokens": word_piece(config(added_tokens_decoder=FLAGS)),
    "added tokens that distinguish case": word_piece(config(do_lower_case=False, added_tokens_decoder=FLAGS)),
    "special tokens without ids": word_piece(config(additional_special_tokens=["[USER]", "<end>"])),
    "extra special tokens": word_piece(config(extra_special_tokens=["<end>", "covfefe"])),
    "special tokens with flags": word_piece(
        config(), special_tokens_map__json=json.dumps({**SPECIALS, "mask_token": token("[MASK]", lstrip=True)}),
    ),
    "special tokens of other names": word_piece(
        config(), [{"[CLS]": "<s>", "[SEP]": "</s>"}.get(word, word) for word in WORDS],
        special_tokens_map__json=json.dumps({"cls_token": "<s>", "sep_token": token("</s>", normalized=True)}),
    ),
    "what the decoder names goes before the map": word_piece(
        config(added_tokens_decoder={str(N): token("covfefe")}), added_tokens__json=json.dumps({"<end>": N}),
        special_tokens_map__json=json.dumps({"additional_special_tokens": ["[USER]"]}),
    ),
    "special tokens in texts are no tokens": word_piece(config(split_special_tokens=True, added_tokens_decoder=FLAGS)),
    "accents and Chinese characters": word_piece(config(strip_accents=False, tokenize_chinese_chars=False)),
    "distilbert": word_piece(config(tokenizer_class="DistilBertTokenizer", do_lower_case=False, strip_accents=True)),
    "cut at the beginning": word_piece(config(truncation_side="left")),
    "roberta": byte_pairs(json.dumps({"tokenizer_class": "RobertaTokenizer"})),
    "roberta with flags": byte_pairs(
        json.dumps({"tokenizer_class": "RobertaTokenizerFast", "add_prefix_space": True}),
        special_tokens_map__json=json.dumps({"mask_token": token("<mask>", lstrip=True), "cls_token": "<s>"}),
        added_tokens__json=json.dumps({"covfefe": len(BYTES), "<extra>": len(BYTES) + 1}),
    ),
}


def with_tokenizer_json(files, change, folder_config):
    """The same tokeniser as one file, with another configuration beside it."""
    with tempfile.TemporaryDirectory() as folder:
        tokeniser = open_folder(files, folder)
        tokeniser.save_pretrained(folder)
        saved = json.loads((Path(folder) / "tokenizer.json").read_text())
    change(saved)
    return {"tokenizer.json": json.dumps(saved), "tokenizer_config.json": folder_config}


def open_folder(files, folder):
    model_type = "roberta" if "merges.txt" in files else "bert"
    for name, text in {**files, "config.json": json.dumps({"model_type": model_type})}.items():
        (Path(folder) / name).write_text(text)
    return AutoTokenizer.from_pretrained(folder)


def nothing(_):
    pass


def keep_accents(saved):
    saved["normalizer"]["strip_accents"] = False


FLAGGED = FOLDERS["flags of added tokens"]
FOLDERS |= {
    "one file and more flags": with_tokenizer_json(
        FLAGGED, nothing, config(added_tokens_decoder={**FLAGS, str(N): token("covfefe", rstrip=True, single_word=True)}),
    ),
    "one file and one more token": with_tokenizer_json(
        FOLDERS["accents and Chinese characters"], nothing, config(added_tokens_decoder={str(N): token("covfefe")}),
    ),
    "one file, and the class strips accents": with_tokenizer_json(FLAGGED, keep_accents, config(strip_accents=None)),
    "one file that no class changes": with_tokenizer_json(
        FLAGGED, keep_accents, config(tokenizer_class="PreTrainedTokenizerFast", do_lower_case=False, **SPECIALS),
    ),
    "one file with byte pairs": with_tokenizer_json(
        FOLDERS["roberta with flags"], nothing, json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}),
    ),
}


def main():
    found = []
    for name, files in FOLDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            tokeniser = open_folder(files, folder)
            texts = BYTE_TEXTS if "roberta" in name or "byte" in name else TEXTS
            ids = [tokeniser(text, truncation=True, max_length=8)["input_ids"] for text in texts]
            found.append({"name": name, "files": files, "texts": texts, "ids": ids})
    Path("tokenisers.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
