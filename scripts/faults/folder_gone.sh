#!/usr/bin/env bash
# Removes or renames the folder of a run or a race at random moments while it trains. The run must say so, make the folder
# again with all that it has told so far, and come to its end as one that nothing happened to, bit for bit. A renamed folder
# is left alone.
#
#   scripts/faults/folder_gone.sh [SEED [COUNT]]     COUNT times, 50 unless told; no root needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin folder-gone "$@"
DONE_WHAT="the folder of a run or race removed or renamed at random moments while it trains"
settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 4 --batch-size 8 --max-length 16 --learning-rate 1e-2 --seed 5)
run=$W/cut
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --out "$W/whole"
whole_ms=$MS
raced=(--data "$DATA" --model "$MODEL" --freeze 1,3 --seeds 1 --epochs 3 --batch-size 8 --max-length 16 --learning-rate 1e-2)
shortest_of "$W/race" "$THAW" race "${raced[@]}" --out "$W/race"
race_ms=$MS told=0 before=0 after=0 at_end=0

while [ "$TRIED" -lt "$COUNT" ]; do
    random 5
    kind=$([ "$R" = 0 ] && echo race || echo run)
    random 2
    how=$([ "$R" = 0 ] && echo removed || echo renamed)
    random 2
    minutes=$([ "$R" = 0 ] && echo 1e-9 || echo 10)
    if [ "$kind" = run ]; then
        "$THAW" train "${settings[@]}" --checkpoint-minutes "$minutes" --out "$run" > "$W/out" 2> "$W/err" &
        random $((whole_ms - 50))
    else
        "$THAW" race "${raced[@]}" --out "$run" > "$W/out" 2> "$W/err" &
        random $((race_ms - 50))
    fi
    pid=$!
    sleep_ms $((R + 30))
    there=0
    [ -d "$run" ] && there=1
    # It may be in the middle of being filled, so that removing takes several tries.
    if [ "$how" = removed ]; then
        for _ in 1 2 3 4 5; do rm -rf "$run" 2> /dev/null && break; done
    else
        mv "$run" "$W/renamed" 2> /dev/null
    fi
    kill -0 "$pid" 2> /dev/null || there=2
    wait "$pid"
    CODE=$?
    TRIED=$((TRIED + 1))
    said_well
    if [ "$CODE" = 1 ] && grep -q "just as the run ended" "$W/err"; then
        # The model was saved already and went with the folder; the run says so and is trained again.
        "$THAW" train --resume "$run" > "$W/out" 2>> "$W/err"
        CODE=$?
        at_end=$((at_end + 1))
    fi
    [ "$CODE" = 0 ] || bad "$kind $how: status $CODE: $(head -c 400 "$W/err")"
    if [ "$there" = 2 ]; then
        # It had ended before.
        after=$((after + 1))
        [ "$how" = removed ] || differs=$(same "$kind" "$([ "$kind" = run ] && echo "$W/whole" || echo "$W/race")" "$W/renamed") || bad "$differs"
    else
        if [ "$there" = 1 ]; then
            grep -q "removed or renamed" "$W/err" && told=$((told + 1))
        else
            before=$((before + 1))
        fi
        if [ "$kind" = run ]; then
            differs=$(same run "$W/whole" "$run") || bad "$kind $how, ${R} ms: $differs: $(head -c 200 "$W/err")"
        else
            # The runs that were removed are gone; the race itself knows all rows.
            python3 "$HERE/help/same_race.py" "$W/race/race.json" "$run/race.json" > "$W/differs" || bad "$kind $how: $(cat "$W/differs")"
        fi
        [ ! -e "$run/running.lock" ] || bad "$kind $how: a lock is left"
    fi
    rm -rf "$run" "$W/renamed"
done
NOTE="$told said so, $at_end just at the end, $before before there was a folder, $after after the end"
finish "all the same bits"
