#!/usr/bin/env bash
# Lets two programs use one folder of runs at the same moment: two new runs with one name, two without a name in the same
# second, two that resume the same killed run or race, and one that lists, evaluates and resumes what the other trains. Of
# two that want the same folder exactly one may get it; the other must say so; and what comes out must be what comes out
# of one alone, bit for bit.
#
#   scripts/faults/two_programs.sh [SEED [COUNT]]     COUNT times in all, 50 unless told; no root needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin two-programs "$@"
DONE_WHAT="two programs at once on one run, one race, one folder of runs"
settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 3 --batch-size 8 --max-length 16 --learning-rate 1e-2 --seed 5)
raced=(--data "$DATA" --model "$MODEL" --freeze 1,3 --seeds 1 --epochs 2 --batch-size 8 --max-length 16 --learning-rate 1e-2)
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --out "$W/whole"
whole_ms=$MS
shortest_of "$W/race" "$THAW" race "${raced[@]}" --out "$W/race"
race_ms=$MS

# both COMMAND...: two of them at the same moment; statuses in $ONE and $TWO.
both() {
    "$@" > "$W/out1" 2> "$W/err1" &
    local first=$!
    "$@" > "$W/out2" 2> "$W/err2" &
    local second=$!
    wait "$first"
    ONE=$?
    wait "$second"
    TWO=$?
}

# Exactly one of them worked, the other was refused with a sentence.
one_wins() {
    local refused=$W/err2
    [ "$ONE" = 0 ] || refused=$W/err1
    [ "$ONE $TWO" = "0 1" ] || [ "$ONE $TWO" = "1 0" ] || { bad "$1: statuses $ONE and $TWO: $(head -c 300 "$refused")"; return; }
    grep -q "^error: .*\(trained by another program\|is not empty\|has ended\|already complete\)" "$refused" || bad "$1: $(head -c 300 "$refused")"
}

while [ "$TRIED" -lt "$COUNT" ]; do
    case $((TRIED % 6)) in
        0)
            both "$THAW" train "${settings[@]}" --out "$W/cut"
            one_wins "two new runs"
            differs=$(same run "$W/whole" "$W/cut") || bad "two new runs: $differs"
            ;;
        1)
            both "$THAW" train "${settings[@]}"
            [ "$ONE $TWO" = "0 0" ] || bad "two runs without a name: statuses $ONE and $TWO: $(cat "$W/err1" "$W/err2" | head -c 300)"
            [ "$(ls "$THAW_RUNS_DIR" | wc -l)" = 2 ] || bad "two runs without a name: $(ls "$THAW_RUNS_DIR")"
            for run in "$THAW_RUNS_DIR"/*; do
                differs=$(same run "$W/whole" "$run") || bad "two runs without a name: $differs"
            done
            ;;
        2)
            random "$whole_ms"
            kill_after $((R * 3 / 4 + 60)) "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 --out "$W/cut"
            if [ -f "$W/cut/splits.json" ] && [ ! -f "$W/cut/metrics.json" ]; then
                both "$THAW" train --resume "$W/cut"
                one_wins "two that resume a run"
                differs=$(same run "$W/whole" "$W/cut") || bad "two that resume a run: $differs"
            fi
            ;;
        3)
            random "$race_ms"
            kill_after $((R * 3 / 4 + 60)) "$THAW" race "${raced[@]}" --out "$W/cut"
            # It may have had all its results by then.
            if [ -f "$W/cut/race.json" ] && [ "$(grep -c '"index"' "$W/cut/race.json")" -lt 2 ]; then
                both "$THAW" race --resume "$W/cut"
                one_wins "two that resume a race"
                differs=$(same race "$W/race" "$W/cut") || bad "two that resume a race: $differs"
            fi
            ;;
        4)
            both "$THAW" race "${raced[@]}" --out "$W/cut"
            one_wins "two new races"
            differs=$(same race "$W/race" "$W/cut") || bad "two new races: $differs"
            ;;
        5)
            # Another program looks again and again, and tries to take the run over.
            "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 --out "$W/cut" > "$W/out" 2> "$W/err" &
            pid=$! running=0
            while kill -0 "$pid" 2> /dev/null; do
                "$THAW" runs "$W" --json > "$W/list" 2> "$W/err1" || bad "the list fails: $(head -c 300 "$W/err1")"
                grep -q '"state":"running"' "$W/list" && running=1
                grep -q '"state":"damaged"' "$W/list" && bad "a run under way is listed as damaged: $(cat "$W/list")"
                if [ -f "$W/cut/steps.jsonl" ] && [ ! -f "$W/cut/metrics.json" ] && kill -0 "$pid" 2> /dev/null; then
                    "$THAW" train --resume "$W/cut" > "$W/out1" 2> "$W/err1"
                    CODE=$?
                    # It may have ended meanwhile.
                    [ "$CODE" = 1 ] && grep -q "trained by another program\|has ended" "$W/err1" || bad "taken over: $CODE $(head -c 300 "$W/err1")"
                fi
            done
            wait "$pid" || bad "the run that was looked at failed: $(head -c 300 "$W/err")"
            [ "$running" = 1 ] || bad "it was never listed as running"
            differs=$(same run "$W/whole" "$W/cut") || bad "a run that was looked at: $differs"
            ;;
    esac
    TRIED=$((TRIED + 1))
    rm -rf "$W/cut" "$THAW_RUNS_DIR"
done
finish "one of two got the folder, the other was told"
