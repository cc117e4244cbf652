#!/bin/sh
# Compares a model saved by Thaw with Hugging Face transformers: see check_with_transformers.py for the arguments.
#
#   scripts/check_with_transformers.sh RUN_DIR [--thaw target/release/thaw] [--texts 200]
#   scripts/check_with_transformers.sh --families [--thaw target/release/thaw]
#
# The second trains a small model of every family and compares each: see check_families.py.
#
# THAW_PYTHON names a Python that has torch and transformers; without it, they are installed from PyPI into target/transformers-check.
set -eu
here=$(dirname "$0")
if [ -z "${THAW_PYTHON:-}" ]; then
    venv="$here/../target/transformers-check"
    THAW_PYTHON="$venv/bin/python"
    if ! "$THAW_PYTHON" -c 'import torch, transformers' 2>/dev/null; then
        python3 -m venv "$venv"
        "$THAW_PYTHON" -m pip install --quiet torch transformers safetensors
    fi
fi
if [ "${1:-}" = --families ]; then
    shift
    exec "$THAW_PYTHON" "$here/check_families.py" "$@"
fi
exec "$THAW_PYTHON" "$here/check_with_transformers.py" "$@"
