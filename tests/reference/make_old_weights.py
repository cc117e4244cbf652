"""Makes old_weights.bin: a few tensors as PyTorch before 1.6 saved them, with what torch itself reads from it.

    python make_old_weights.py

A contiguous matrix, one written column by column, a part of a larger storage, halves, integers, and two names for one
storage, the last a parameter. `old_weights.json` has names, shapes and values.
"""

import json
from collections import OrderedDict

import torch

shared = torch.arange(12.0) / 8
state = OrderedDict(
    matrix=torch.arange(6.0).view(2, 3),
    columns=torch.arange(6.0).view(2, 3).t(),
    part=shared[4:10],
    halves=torch.tensor([0.5, -2.0], dtype=torch.float16),
    brain=torch.tensor([1.5, -3.0], dtype=torch.bfloat16),
    positions=torch.tensor([[0, 1, 2]]),
    again=torch.nn.Parameter(shared[:2]),
)
torch.save(state, "old_weights.bin", _use_new_zipfile_serialization=False)
found = {name: [list(t.shape), t.detach().float().flatten().tolist()] for name, t in torch.load("old_weights.bin").items()}
with open("old_weights.json", "w") as file:
    json.dump(found, file, indent=1)
    file.write("\n")
