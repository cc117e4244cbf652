#!/usr/bin/env bash
# A picture of every screen, in both languages, both themes and four window sizes, drawn without a display.
#
#   scripts/pictures.sh FOLDER        (some 430 pictures; six to ten minutes on two cores, after the build)
#
# Look at them before a release: alignment, cut or overlapping text, empty states.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,6p' "$0"; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
THAW_PICTURES="$folder" cargo test --locked --test window -- every_size_theme_and_language
find "$folder" -name '*.png' | wc -l
