#!/usr/bin/env bash
# Makes the pictures of both READMEs anew, into assets/readme: real runs on the bundled reviews, drawn without a display.
#
#   scripts/readme_pictures.sh [--release]     (some five minutes on two cores; needs ImageMagick and poppler)
#
# Look at them before they are committed.
set -euo pipefail
case "${1:-}" in "" | --release) ;; *) sed -n '2,6p' "$0"; exit 2 ;; esac
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
THAW_PICTURES="$folder" ${CARGO:-cargo} test --locked ${1:-} --test window -- pictures_of_the_readme
# The first page of a report on a run of as many rows.
profile=debug
[ "${1:-}" != --release ] || profile=release
thaw="${CARGO_TARGET_DIR:-target}/$profile/thaw"
"$thaw" train --max-rows 1200 --freeze 3 --epochs 3 --out "$folder/run" > /dev/null
for locale in en_US ko_KR; do
    language=${locale%_*}
    LC_ALL="$locale.UTF-8" "$thaw" report "$folder/run" --to "$folder/$language.pdf"
    pdftoppm -r 75 -f 1 -l 1 -singlefile -png "$folder/$language.pdf" "$folder/$language/report"
done
# Few colours suffice for a window, and keep the repository small.
for language in en ko; do
    mkdir -p "assets/readme/$language"
    for picture in "$folder/$language"/*.png; do
        convert "$picture" -strip +dither -colors 224 -define png:compression-level=9 "PNG8:assets/readme/$language/$(basename "$picture")"
    done
done
du -b assets/readme/*/*.png
