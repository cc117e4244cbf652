#!/usr/bin/env bash
# Sets the clock back and forth, by seconds to years, while runs train, between a kill and the resume, and between two runs.
# Only this script's programs see that clock. Runs must come to the same bits, their times must never run backwards, no
# folder may be taken twice, and runs "from the future" must be listed, resumed and exported like others.
#
#   scripts/faults/clock_back.sh [SEED [COUNT]]     COUNT times, 50 unless told
#
# It needs a C compiler (`cc`) for help/shim.c; no root. Times of steps come from a clock that no one can set; names of
# folders and the beginning of a run come from the one that is set here.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin clock-back "$@"
DONE_WHAT="the clock set back and forth by seconds to years, during runs, before a resume and between runs"
build_shim || skip "no C compiler"
settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 3 --batch-size 8 --max-length 16 --learning-rate 1e-2 --seed 5)
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --out "$W/whole"
whole_ms=$MS
clock=$W/clock
with_clock=(env LD_PRELOAD="$SHIM" FAULT_CLOCK="$clock")
# Another time: a few seconds, hours or decades before or after the right one.
set_clock() {
    local steps=(-3 -3600 -86400 -40000000 -1500000000 3 3600 40000000 0)
    random ${#steps[@]}
    echo "${steps[$R]}" > "$clock.new"
    mv "$clock.new" "$clock"
}
resumed=0
while [ "$TRIED" -lt "$COUNT" ]; do
    set_clock
    random 3
    case "$R" in
        0) # It is set while the run trains.
            "${with_clock[@]}" "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 > "$W/out" 2> "$W/err" &
            pid=$!
            random $((whole_ms / 2 + 1))
            sleep_ms $((R + 50))
            set_clock
            wait "$pid" || bad "set during a run: $(head -c 300 "$W/err")"
            ;;
        1) # It is set between a kill and the resume.
            random "$whole_ms"
            kill_after $((R + 100)) "${with_clock[@]}" "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9
            set_clock
            run=$(ls -d "$THAW_RUNS_DIR"/* 2> /dev/null | head -n 1)
            if [ -n "$run" ] && [ -f "$run/splits.json" ] && [ ! -f "$run/metrics.json" ]; then
                "${with_clock[@]}" "$THAW" train --resume "$run" > "$W/out" 2> "$W/err" || bad "set before a resume: $(head -c 300 "$W/err")"
                resumed=$((resumed + 1))
            fi
            ;;
        2) # The same second comes twice.
            "${with_clock[@]}" "$THAW" train "${settings[@]}" > "$W/out" 2> "$W/err" || bad "$(head -c 300 "$W/err")"
            first=$(ls "$THAW_RUNS_DIR")
            name=$(date -d "${first:0:10} ${first:11:2}:${first:13:2}:${first:15:2}" +%s 2> /dev/null)
            echo $((name - $(date +%s))) > "$clock"
            "${with_clock[@]}" "$THAW" train "${settings[@]}" > "$W/out" 2> "$W/err" || bad "the same second again: $(head -c 300 "$W/err")"
            [ "$(ls "$THAW_RUNS_DIR" | wc -l)" = 2 ] || bad "the same second again: $(ls "$THAW_RUNS_DIR")"
            ;;
    esac
    TRIED=$((TRIED + 1))
    set_clock
    mkdir -p "$THAW_RUNS_DIR"
    runs=$(ls "$THAW_RUNS_DIR" 2> /dev/null | wc -l)
    "${with_clock[@]}" "$THAW" runs "$THAW_RUNS_DIR" --json > "$W/list" || bad "the list fails"
    for run in "$THAW_RUNS_DIR"/*; do
        [ -d "$run" ] || continue
        [ -f "$run/metrics.json" ] || { runs=$((runs - 1)); continue; }
        differs=$(same run "$W/whole" "$run") || bad "$differs"
        python3 "$HERE/help/monotone.py" "$run" || bad "times run backwards"
        "${with_clock[@]}" "$THAW" export "$run" --to "$W/given" > /dev/null 2> "$W/err" || bad "not exported: $(head -c 300 "$W/err")"
        rm -rf "$W/given"
    done
    [ "$(grep -c '"state":"completed"' "$W/list")" = "$runs" ] || bad "the list has not all $runs runs: $(cut -c1-300 "$W/list")"
    rm -rf "$THAW_RUNS_DIR"
done
NOTE="$resumed resumed at another time"
finish "all the same bits"
