#!/usr/bin/env bash
# Kills exports at random moments (kill -9): `thaw export`, the lesson file that a student hands in, and `thaw models
# import`. Whatever is under its final name must be whole at every moment, the same command must work again, and after that
# nothing of the killed one may be left.
#
#   scripts/faults/kill_exports.sh [SEED [COUNT]]     COUNT kills of each, 50 unless told; no root needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin kill-exports "$@"
DONE_WHAT="kill -9 of \`thaw export\`, of a lesson's hand-in and of \`thaw models import\` at random moments"
# A larger model takes longer to copy, so that more kills hit the copying.
python3 "$HERE/help/tiny.py" "$W/large" 80 256
"$THAW" train --data "$DATA" --model "$W/large/model" --freeze 1 --epochs 1 --max-length 16 --out "$W/run" > "$W/out" 2>&1 ||
    { cat "$W/out"; exit 2; }
cat > "$W/short.toml" <<LESSON
id = "short"
data = "films.csv"
model = "model"
batch_size = 8
max_length = 16
title = { en = "A short lesson" }
about = { en = "For this script." }
[[step]]
title = { en = "A run" }
text = { en = "One run." }
run = { freeze = "1", epochs = 1 }
LESSON

kinds=(export bundle import)
declare -A final=([export]="$W/given/export" [bundle]="$W/given/kim.thaw-lesson" [import]="$W/hf/hub/models--tiny--large")
command_of() {
    case "$1" in
        export) command=("$THAW" export "$W/run" --to "$W/given/export") ;;
        bundle) command=("$THAW" lesson run "$W/short.toml" --name Kim --number 1 --out "$W/given/kim.thaw-lesson") ;;
        import) command=("$THAW" models import "$W/large/model" --as tiny/large) ;;
    esac
}
# What is under the final name: nothing, or the whole of it.
whole() {
    case "$1" in
        export) [ ! -e "$W/given/export" ] || [ -z "$(ls -A "$W/given/export")" ] || same folder "$W/right" "$W/given/export" ;;
        bundle) [ ! -e "$W/given/kim.thaw-lesson" ] || python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$W/given/kim.thaw-lesson" ;;
        # Each file under a hash has that hash, and a model that is listed is whole.
        import)
            for blob in "$W"/hf/hub/models--tiny--large/blobs/*; do
                [ -e "$blob" ] || continue
                case "$blob" in *.incomplete) continue ;; esac
                name=$(basename "$blob")
                if [ "${#name}" = 64 ]; then hash=$(sha256sum < "$blob"); else hash=$(git_hash "$blob"); fi
                [ "${hash%% *}" = "$name" ] || { echo "$blob has another hash"; return 1; }
            done
            listed=$("$THAW" models list --json) || return 1
            [ -z "$listed" ] || "$THAW" params --model tiny/large --json > /dev/null 2> "$W/err" || { cat "$W/err"; return 1; }
            ;;
    esac
}
# What a killed one may have left, which must be gone when the same command has worked.
left_of() {
    ls -A "$W/given" 2>/dev/null | grep '^\.' || true
    ls -A "$W/hf/hub/models--tiny--large/blobs" 2>/dev/null | grep incomplete || true
}

mkdir -p "$W/given"
"$THAW" export "$W/run" --to "$W/right" > /dev/null || exit 2
hit=0
for kind in "${kinds[@]}"; do
    command_of "$kind"
    shortest_of "${final[$kind]}" "${command[@]}"
    total=$MS killed=0
    rm -rf "${final[$kind]}"
    while [ "$killed" -lt "$COUNT" ]; do
        # Half of the kills come in the last part, where the files are written.
        random 2
        from=$((R * total / 2))
        random $((total - from + 5))
        kill_after $((from + R)) "${command[@]}"
        killed=$((killed + KILLED))
        differs=$(whole "$kind") || bad "$kind: half of it is under its final name: $differs"
        [ -z "$(left_of)" ] || hit=$((hit + 1))
        random 3
        [ "$R" = 0 ] || [ "$killed" -ge "$COUNT" ] || [ "$KILLED" = 0 ] || continue
        # The same command again; an export that came to its end is not overwritten.
        [ "$KILLED" = 0 ] && rm -rf "${final[$kind]}"
        [ "$kind" = export ] && [ -n "$(ls -A "$W/given/export" 2>/dev/null)" ] && rm -rf "$W/given/export"
        "${command[@]}" > "$W/out" 2> "$W/err" || bad "$kind does not work again: $(head -c 300 "$W/err")"
        differs=$(whole "$kind") || bad "$kind: $differs"
        [ -e "${final[$kind]}" ] || bad "$kind: nothing came of it"
        [ -z "$(left_of)" ] || bad "$kind left: $(left_of)"
        rm -rf "${final[$kind]}"
    done
    TRIED=$((TRIED + killed))
done
NOTE="$hit of the kills left a hidden part, which the next one removed"
finish "no half file under its name"
