"""Makes what the scripts train: a tiny BERT with a vocabulary, and reviews. Usage: tiny.py FOLDER [ROWS [HIDDEN]]"""
import json
import os
import random
import struct
import sys

folder = sys.argv[1]
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 80
HIDDEN = int(sys.argv[3]) if len(sys.argv) > 3 else 32
LAYERS, INNER, POSITIONS = 3, 2 * HIDDEN, 64
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
words += "a an the film was it and warm moving bright funny clever dull empty slow stale stupid number good bad".split()
words += [str(n) for n in range(400)]
numbers = random.Random(7)
model = os.path.join(folder, "model")
os.makedirs(model)
tensors = {}


def add(name, *shape):
    count = 1
    for n in shape:
        count *= n
    if name.endswith("LayerNorm.weight"):
        values = [1.0] * count
    elif name.endswith("bias"):
        values = [0.0] * count
    else:
        values = [numbers.gauss(0, 0.05) for _ in range(count)]
    tensors["bert." + name] = (shape, struct.pack(f"<{count}f", *values))


for table, count in [("word", len(words)), ("position", POSITIONS), ("token_type", 2)]:
    add(f"embeddings.{table}_embeddings.weight", count, HIDDEN)
for part in ["weight", "bias"]:
    add(f"embeddings.LayerNorm.{part}", HIDDEN)
for layer in range(LAYERS):
    prefix = f"encoder.layer.{layer}."
    linear = [("attention.self.query", HIDDEN, HIDDEN), ("attention.self.key", HIDDEN, HIDDEN)]
    linear += [("attention.self.value", HIDDEN, HIDDEN), ("attention.output.dense", HIDDEN, HIDDEN)]
    linear += [("intermediate.dense", INNER, HIDDEN), ("output.dense", HIDDEN, INNER)]
    for name, outputs, inputs in linear:
        add(f"{prefix}{name}.weight", outputs, inputs)
        add(f"{prefix}{name}.bias", outputs)
    for norm in ["attention.output.LayerNorm", "output.LayerNorm"]:
        add(f"{prefix}{norm}.weight", HIDDEN)
        add(f"{prefix}{norm}.bias", HIDDEN)
add("pooler.dense.weight", HIDDEN, HIDDEN)
add("pooler.dense.bias", HIDDEN)
header, offset = {}, 0
for name, (shape, data) in tensors.items():
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
    offset += len(data)
header = json.dumps(header).encode()
header += b" " * (-len(header) % 8)
with open(os.path.join(model, "model.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + b"".join(data for _, data in tensors.values()))
with open(os.path.join(model, "config.json"), "w") as file:
    json.dump({
        "model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": len(words), "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS, "num_attention_heads": 2, "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "hidden_act": "gelu",
    }, file)
with open(os.path.join(model, "vocab.txt"), "w") as file:
    file.write("\n".join(words) + "\n")
with open(os.path.join(model, "tokenizer_config.json"), "w") as file:
    json.dump({"do_lower_case": True}, file)
with open(os.path.join(folder, "films.csv"), "w") as file:
    file.write("text,label\n")
    for n in range(rows):
        kind = "warm moving bright funny clever" if n % 2 == 0 else "dull empty slow stale stupid"
        some = numbers.sample(kind.split(), 2)
        file.write(f"the film was {some[0]} and {some[1]} number {n},{'good' if n % 2 == 0 else 'bad'}\n")
