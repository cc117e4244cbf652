#!/usr/bin/env bash
# Kills races (kill -9) at random moments, half of them just when one of their runs has written its results, resumes them
# to their end, and compares each with a race that nothing happened to: rows, answers to single test rows, means, and every
# run's weights, metrics and log must be the same bit for bit, except times.
#
#   scripts/faults/kill_races.sh [SEED [COUNT]]     COUNT kills, 50 unless told; no root needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin kill-races "$@"
DONE_WHAT="kill -9 of \`thaw race\` and of its resumes at random moments, and as a run ends"
settings=(--data "$DATA" --model "$MODEL" --freeze 1,3 --seeds 2 --epochs 2 --batch-size 8 --max-length 16
    --learning-rate 1e-2 --seed 5)
shortest_of "$W/whole" "$THAW" race "${settings[@]}" --out "$W/whole"
whole_ms=$MS
"$THAW" race "${settings[@]}" --json --out "$W/told" > "$W/told.json" || exit 2
again=0 resumed=0 done_before=0

# kill_at_results N COMMAND...: kill -9 once N runs have their results.
kill_at_results() {
    local n=$1 pid found
    shift
    "$@" > "$W/out" 2> "$W/err" &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        found=("$W"/cut/*/metrics.json)
        [ -e "${found[0]}" ] && [ "${#found[@]}" -ge "$n" ] && break
    done
    KILLED=0
    kill -9 "$pid" 2>/dev/null && KILLED=1
    wait "$pid" 2>/dev/null
    CODE=$?
    [ "$CODE" = 137 ] || KILLED=0
}

kill_somewhere() {
    random 2
    if [ "$R" = 0 ]; then
        random 4
        kill_at_results $((R + 1)) "$@"
    else
        random $((whole_ms + 20))
        kill_after "$R" "$@"
    fi
    TRIED=$((TRIED + KILLED))
}

while [ "$TRIED" -lt "$COUNT" ]; do
    race=$W/cut
    start=("$THAW" race "${settings[@]}" --json --out "$race")
    kill_somewhere "${start[@]}"
    for attempt in 1 2 3 4 5 6 7 8; do
        if [ -f "$race/race.json" ]; then next=("$THAW" race --resume "$race" --json); else next=("${start[@]}"); fi
        if [ "$TRIED" -lt "$COUNT" ] && random 2 && [ "$R" = 0 ] && [ "$attempt" -lt 8 ]; then
            kill_somewhere "${next[@]}"
            [ "$KILLED" = 1 ] && continue
        else
            "${next[@]}" > "$W/out" 2> "$W/err"
            CODE=$?
        fi
        if [ "$CODE" = 1 ] && grep -q "already complete" "$W/err"; then
            done_before=$((done_before + 1))
        elif [ "$CODE" != 0 ]; then
            bad "not resumed (status $CODE): $(head -c 300 "$W/err")"
        elif [ "${next[2]}" = --resume ]; then
            resumed=$((resumed + 1))
            # The terminal's last line has means, intervals and which differences are within chance.
            python3 "$HERE/help/same_lines.py" "$W/told.json" "$W/out" > "$W/differs" || bad "$(cat "$W/differs")"
        else
            again=$((again + 1))
        fi
        break
    done
    differs=$(same race "$W/whole" "$race") || bad "after $TRIED kills: $differs"
    rm -rf "$race"
done
NOTE="$resumed resumed, $again begun again because nothing had been kept yet, $done_before had ended already"
finish "all the same bits"
