#!/usr/bin/env bash
# Thaw beside Hugging Face Trainer and ONNX Runtime on this machine: the same model, data, batches and epochs, in turn, medians of the runs.
#
#   scripts/compare_with_transformers.sh [ROUNDS] [--model-size bundled|base|large] [--precision f32|bf16] [--frozen-precision f32|bf16|int8]
#                                        [--cpu native|avx2] [--rows N] [--only CASES]     (--help tells more, --list the cases)
#
# One round by default: over an hour on two cores with the bundled model, 15 minutes with --rows 2000.
# Makes its own Python environment from PyPI, or uses $THAW_PYTHON; builds Thaw in release unless $THAW_BIN names a binary.
# Keep the machine quiet meanwhile: each side uses all cores, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
case " $* " in *" --help "*|*" -h "*|*" --list "*) exec python3 scripts/compare_with_transformers.py "$@" ;; esac
rounds=1
if [[ ${1:-} =~ ^[0-9]+$ ]]; then rounds=$1; shift; fi
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
  "$env/bin/pip" install --quiet torch transformers accelerate scikit-learn pandas onnx onnxruntime onnxscript
  python=$env/bin/python
fi
# Some environments slow PyTorch's BLAS down; the peer runs at its best.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE || true

"$python" scripts/compare_with_transformers.py --thaw "$thaw" --python "$python" --rounds "$rounds" --work "$work" "$@"
