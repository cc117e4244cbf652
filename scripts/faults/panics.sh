#!/usr/bin/env bash
# Makes a thread of the program panic at a chosen moment: the Nth look at the clock fails on it, which Rust's standard library
# answers with a panic. The user must get a sentence and the documented status, the lock must be free, and the run must be
# resumed to the same bits, or begun again where nothing had been kept.
#
#   scripts/faults/panics.sh [SEED [COUNT]]     COUNT panics, 50 unless told
#
# It needs a C compiler (`cc`) for help/shim.c; no root.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin panics "$@"
DONE_WHAT="a panic of the training's threads and of others at random moments of \`thaw train\`"
build_shim || skip "no C compiler"
disturbed
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --out "$W/whole"
run=$W/cut went_on=0 misses=0
declare -A most
# How often each thread looks at the clock: the number that no longer makes it panic.
threads=(thaw-run thaw thaw-open thaw-reference)
for thread in "${threads[@]}"; do
    low=0
    for try in 1 2 3 5 8 12 20 40 80 160 320 640 1280; do
        rm -rf "$run"
        run_with FAULT_PANIC="$thread:$try" -- "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 --out "$run"
        grep -q panicked "$W/err" || break
        low=$try
    done
    most[$thread]=$low
done
rm -rf "$run"
while [ "$TRIED" -lt "$COUNT" ] && [ "$misses" -lt $((COUNT * 4)) ]; do
    random ${#threads[@]}
    thread=${threads[$R]}
    if [ "${most[$thread]}" = 0 ]; then misses=$((misses + 1)); continue; fi
    random "${most[$thread]}"
    at=$((R + 1))
    random 2
    minutes=$([ "$R" = 0 ] && echo 1e-9 || echo 10)
    where="panic $at of $thread"
    run_with FAULT_PANIC="$thread:$at" -- "$THAW" train "${settings[@]}" --checkpoint-minutes "$minutes" --out "$run"
    if ! grep -q panicked "$W/err"; then misses=$((misses + 1)); rm -rf "$run"; continue; fi
    TRIED=$((TRIED + 1))
    case "$CODE" in
        0) went_on=$((went_on + 1)) ;;
        1) grep -q "^error: " "$W/err" || bad "$where: no sentence: $(head -c 300 "$W/err")" ;;
        *) bad "$where: status $CODE: $(head -c 300 "$W/err")" ;;
    esac
    [ ! -e "$run/running.lock" ] || bad "$where: a lock is left"
    if [ "$CODE" = 0 ]; then
        :
    elif [ -d "$run/checkpoint" ]; then
        resume "$where"
    else
        rm -rf "$run"
        begin_again "$where"
    fi
    same_bits "$where"
done
NOTE="$resumed resumed, $again begun again, $went_on went on without the thread"
finish "all the same bits"
