#!/usr/bin/env bash
# Kills trainings (kill -9) at random moments, resumes them to their end, and compares each with a run that nothing happened
# to: weights, metrics, log, split and proof must be the same bit for bit, except times, and nothing else may be left.
#
#   scripts/faults/kill_runs.sh [SEED [COUNT]]     COUNT kills, 50 unless told; no root needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin kill-runs "$@"
DONE_WHAT="kill -9 of \`thaw train\` and of its resumes at random moments"
settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 4 --batch-size 8 --max-length 16 --learning-rate 1e-2
    --keep best --patience 4 --seed 5)
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 --out "$W/whole"
whole_ms=$MS
again=0 resumed=0 done_before=0

while [ "$TRIED" -lt "$COUNT" ]; do
    run=$W/cut
    # A checkpoint after each step, or only after each epoch.
    random 2
    minutes=$([ "$R" = 0 ] && echo 1e-9 || echo 10)
    start=("$THAW" train "${settings[@]}" --checkpoint-minutes "$minutes" --out "$run")
    random $((whole_ms + 20))
    kill_after "$R" "${start[@]}"
    TRIED=$((TRIED + KILLED))
    for attempt in 1 2 3 4 5 6 7 8; do
        if [ -f "$run/settings.json" ] && [ -f "$run/splits.json" ]; then
            next=("$THAW" train --resume "$run")
        else
            # Killed before anything was kept: the same command must work again, whatever is left in the folder.
            next=("${start[@]}")
        fi
        if [ "$TRIED" -lt "$COUNT" ] && random 2 && [ "$R" = 0 ] && [ "$attempt" -lt 8 ]; then
            random $((whole_ms + 20))
            kill_after "$R" "${next[@]}"
            TRIED=$((TRIED + KILLED))
            [ "$KILLED" = 1 ] && continue
        else
            "${next[@]}" > "$W/out" 2> "$W/err"
            CODE=$?
        fi
        if [ "$CODE" = 1 ] && grep -q "has ended" "$W/err" && [ -f "$run/metrics.json" ]; then
            done_before=$((done_before + 1))
        elif [ "$CODE" != 0 ]; then
            bad "not resumed (status $CODE): $(head -c 300 "$W/err")"
        elif [ "${next[2]}" = --resume ]; then
            resumed=$((resumed + 1))
        else
            again=$((again + 1))
        fi
        break
    done
    differs=$(same run "$W/whole" "$run") || bad "after $TRIED kills: $differs"
    # A list shows the run as what it is.
    "$THAW" runs "$W" --json > "$W/list" || bad "the list fails"
    [ "$(grep -c '"state":"completed"' "$W/list")" = 2 ] || bad "the list: $(cat "$W/list")"
    rm -rf "$run"
done
NOTE="$resumed resumed, $again begun again because nothing had been kept yet, $done_before had ended already"
finish "all the same bits"
