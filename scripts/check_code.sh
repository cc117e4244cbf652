#!/bin/sh
# Runs the Python programs that Thaw writes beside Thaw itself: see check_code.py for the arguments.
#
#   scripts/check_code.sh [--thaw target/release/thaw] [--rows 600] [--epochs 2] [--only "preset 1,full"]
#
# THAW_PYTHON names a Python that has torch, transformers, accelerate, pandas, scikit-learn, nbconvert and ipykernel; without
# it, they are installed from PyPI into target/code-check.
set -eu
here=$(dirname "$0")
if [ -z "${THAW_PYTHON:-}" ]; then
    venv="$here/../target/code-check"
    THAW_PYTHON="$venv/bin/python"
    if ! "$THAW_PYTHON" -c 'import torch, transformers, accelerate, pandas, sklearn, nbconvert, ipykernel' 2>/dev/null; then
        python3 -m venv "$venv"
        "$THAW_PYTHON" -m pip install --quiet torch transformers accelerate safetensors pandas scikit-learn nbconvert ipykernel
    fi
fi
exec "$THAW_PYTHON" "$here/check_code.py" "$@"
