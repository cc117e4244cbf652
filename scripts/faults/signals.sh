#!/usr/bin/env bash
# Ends trainings at random moments as a terminal, a shutdown or a closed session does: SIGINT, SIGTERM, SIGHUP, half of them
# twice. No lock may be left, and the run must be resumed to the same bits. A lock file that a killed program left is taken
# over at once, whatever other program has its process number by then: the lock is the system's, not the file's content.
#
#   scripts/faults/signals.sh [SEED [COUNT]]     COUNT signals, 50 unless told; no root needed
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin signals "$@"
DONE_WHAT="SIGINT, SIGTERM, SIGHUP at random moments of a training, half of them twice; locks left by the dead"
settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 4 --batch-size 8 --max-length 16 --learning-rate 1e-2 --seed 5)
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 --out "$W/whole"
whole_ms=$MS resumed=0 again=0 ended=0 locks=0
run=$W/cut
names=(INT TERM HUP)
while [ "$TRIED" -lt "$COUNT" ]; do
    random 3
    signal=${names[$R]}
    random 2
    minutes=$([ "$R" = 0 ] && echo 1e-9 || echo 10)
    random 2
    twice=$R
    random $((whole_ms + 10))
    # A background job of a shell ignores SIGINT unless it is told not to.
    python3 "$HERE/help/signalled.py" "$signal" "$R" "$twice" "$W/out" "$W/err" "$THAW" train "${settings[@]}" --checkpoint-minutes "$minutes" --out "$run" > "$W/code"
    read -r KILLED CODE < "$W/code"
    TRIED=$((TRIED + KILLED))
    case "$CODE" in
        0 | 130) ;;
        # Before the program has said what it does with the signal, the system ends it.
        -2 | -15 | -1) [ ! -e "$run/settings.json" ] || bad "SIG$signal after $R ms: ended by the system" ;;
        *) bad "SIG$signal after $R ms: status $CODE: $(head -c 300 "$W/err")" ;;
    esac
    # The second signal ends the program at once, as kill -9 does.
    [ "$twice" = 1 ] || [ ! -e "$run/running.lock" ] || bad "SIG$signal: a lock is left"
    if [ -f "$run/metrics.json" ] && grep -q '"outcome": "completed"' "$run/metrics.json"; then
        ended=$((ended + 1))
        "$THAW" train --resume "$run" > "$W/out" 2> "$W/err"
    elif [ -f "$run/settings.json" ] && [ -f "$run/splits.json" ]; then
        # The number of a process that is there: this script's own.
        [ -e "$run/running.lock" ] || echo $$ > "$run/running.lock"
        locks=$((locks + 1))
        from=$(now_ms)
        "$THAW" train --resume "$run" > "$W/out" 2> "$W/err" || bad "SIG$signal after $R ms: not resumed: $(head -c 300 "$W/err")"
        [ $(($(now_ms) - from)) -lt 9000 ] || bad "the lock was waited for"
        resumed=$((resumed + 1))
    else
        "$THAW" train "${settings[@]}" --out "$run" > "$W/out" 2> "$W/err" || bad "$(head -c 300 "$W/err")"
        again=$((again + 1))
    fi
    differs=$(same run "$W/whole" "$run") || bad "SIG$signal after $R ms: $differs"
    rm -rf "$run"
done
NOTE="$resumed resumed over a lock file of the dead, $again begun again, $ended had ended"
finish "all the same bits"
