#!/usr/bin/env bash
# Kills downloads from a hub on this machine at random moments (kill -9). What is under a final name in the cache must have
# the hash that its name says at every moment, a model that is listed must be whole, and the next try must go on where the
# killed one stopped.
#
#   scripts/faults/kill_downloads.sh [SEED [COUNT]]     COUNT kills, 50 unless told; no root and no network needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin kill-downloads "$@"
DONE_WHAT="kill -9 of \`thaw models pull\` from a slow hub at random moments"
python3 "$HERE/help/tiny.py" "$W/large" 80 128
mkfifo "$W/address"
python3 "$HERE/help/hub.py" "$W/large/model" tiny/large 3000000 > "$W/address" &
read -r HF_ENDPOINT < "$W/address"
export HF_ENDPOINT
unset HF_HUB_OFFLINE TRANSFORMERS_OFFLINE HF_TOKEN http_proxy HTTP_PROXY all_proxy ALL_PROXY
repo=$W/hf/hub/models--tiny--large
pull=("$THAW" models pull tiny/large --json)

hashes_are_right() {
    local blob name hash
    for blob in "$repo"/blobs/*; do
        [ -e "$blob" ] || continue
        name=$(basename "$blob")
        case "$name" in
            *.incomplete) continue ;;
            ????????????????????????????????????????????????????????????????) hash=$(sha256sum < "$blob") ;;
            *) hash=$(git_hash "$blob") ;;
        esac
        [ "${hash%% *}" = "$name" ] || { echo "$blob has another hash"; return 1; }
    done
    # A model that is listed is whole.
    listed=$("$THAW" models list --json) || return 1
    [ -z "$listed" ] || same folder "$W/large/model" "$repo"/snapshots/*
}

shortest_of "$repo" "${pull[@]}"
total=$MS pulls=0
while [ "$TRIED" -lt "$COUNT" ]; do
    rm -rf "$W/hf"
    while :; do
        random $((total + 20))
        kill_after "$R" "${pull[@]}"
        TRIED=$((TRIED + KILLED))
        differs=$(hashes_are_right) || bad "$differs"
        [ "$KILLED" = 1 ] && [ "$TRIED" -lt "$COUNT" ] || break
    done
    if [ "$KILLED" = 1 ]; then
        "${pull[@]}" > "$W/out" 2> "$W/err" || bad "the next try fails: $(head -c 300 "$W/err")"
    fi
    pulls=$((pulls + 1))
    differs=$(hashes_are_right) || bad "$differs"
    [ -n "$("$THAW" models list --json)" ] || bad "the model is not listed"
    left=$(ls "$repo/blobs" | grep incomplete) && bad "left: $left"
done
NOTE="$pulls models came whole; $(python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$HF_ENDPOINT/log") requests went on in the middle of a file"
finish "every hash right"
