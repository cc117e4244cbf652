#!/usr/bin/env bash
# Thaw beside Hugging Face Trainer on this machine: the same model, data, batches and epochs, in turn, medians of the runs.
#
#   scripts/compare_with_transformers.sh [ROUNDS] [--rows N] [--only CASES]     (default 1 round: over an hour on two cores; 15 minutes with --rows 2000)
#
# Makes its own Python environment from PyPI, or uses $THAW_PYTHON; builds Thaw in release unless $THAW_BIN names a binary.
# Keep the machine quiet meanwhile: both sides use all cores, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-1}; shift $(( $# > 0 ? 1 : 0 ))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

thaw=${THAW_BIN:-}
if [ -z "$thaw" ]; then
  cargo build --locked --release
  thaw=${CARGO_TARGET_DIR:-target}/release/thaw
fi
python=${THAW_PYTHON:-}
if [ -z "$python" ]; then
  env=${XDG_CACHE_HOME:-$HOME/.cache}/thaw/python
  [ -x "$env/bin/python" ] || python3 -m venv "$env"
  "$env/bin/pip" install --quiet torch transformers accelerate scikit-learn pandas
  python=$env/bin/python
fi
# Some environments slow PyTorch's BLAS down; the peer runs at its best.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE || true

"$python" scripts/compare_with_transformers.py --thaw "$thaw" --python "$python" --rounds "$rounds" --work "$work" "$@"
