#!/bin/sh
# Trains folders of `thaw export --cluster` on this machine's processor with one and with two processes, killed and gone on
# with, and compares their losses with each other and with Thaw's. See check_cluster.py.
#
#   scripts/check_cluster.sh [--thaw target/release/thaw] [--only NAME,...]
#
# THAW_PYTHON names a Python that has torch, transformers and accelerate; without it, they are installed from PyPI into target/cluster-check.
set -eu
here=$(dirname "$0")
if [ -z "${THAW_PYTHON:-}" ]; then
    venv="$here/../target/cluster-check"
    THAW_PYTHON="$venv/bin/python"
    if ! "$THAW_PYTHON" -c 'import accelerate, torch, transformers' 2>/dev/null; then
        python3 -m venv "$venv"
        "$THAW_PYTHON" -m pip install --quiet -r "$here/../assets/python/cluster/requirements.txt"
    fi
fi
exec "$THAW_PYTHON" "$here/check_cluster.py" "$@"
