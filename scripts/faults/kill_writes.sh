#!/usr/bin/env bash
# Kills a training (kill -9) before each change of a file in its folder, one after the other: each write, each new file or
# folder, each rename, each removal, each sync. Then it is resumed to its end, or begun again with the same command where
# nothing had been kept, and compared with a run that nothing happened to, bit for bit. So no moment is left to chance.
#
#   scripts/faults/kill_writes.sh [SEED [COUNT]]     at least COUNT of the moments, 50 unless told; all when 0
#
# It needs a C compiler (`cc`) for help/shim.c; no root.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin kill-writes "$@"
DONE_WHAT="kill -9 of \`thaw train\` before each single change of a file in its folder"
build_shim || skip "no C compiler"
settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 3 --batch-size 8 --max-length 16 --learning-rate 1e-2
    --keep best --seed 5)
mkdir "$W/runs"
run_with FAULT_DIR="$W/runs" FAULT_COUNT="$W/changes" -- "$THAW" train "${settings[@]}" --out "$W/runs/whole"
[ "$CODE" = 0 ] || { cat "$W/err" >&2; exit 2; }
changes=$(cat "$W/changes")
step=1
[ "$COUNT" = 0 ] || [ "$changes" -le "$COUNT" ] || step=$((changes / COUNT))
again=0 resumed=0 ended=0
run=$W/runs/cut
for ((at = 1; at <= changes; at += step)); do
    run_with FAULT_DIR="$W/runs" FAULT_KIND=kill FAULT_AT="$at" -- "$THAW" train "${settings[@]}" --out "$run"
    [ "$CODE" = 137 ] || bad "not killed at $at (status $CODE): $(head -c 300 "$W/err")"
    TRIED=$((TRIED + 1))
    if [ -f "$run/settings.json" ] && [ -f "$run/splits.json" ]; then
        "$THAW" train --resume "$run" > "$W/out" 2> "$W/err"
        CODE=$?
        if [ "$CODE" = 1 ] && [ -f "$run/metrics.json" ] && grep -q "has ended" "$W/err"; then
            ended=$((ended + 1))
        elif [ "$CODE" != 0 ]; then
            bad "change $at: not resumed (status $CODE): $(head -c 300 "$W/err")"
        else
            resumed=$((resumed + 1))
        fi
    else
        [ -z "$("$THAW" runs "$W/runs" --json | grep '/cut"')" ] || bad "change $at: a run that never began is listed"
        "$THAW" train "${settings[@]}" --out "$run" > "$W/out" 2> "$W/err" ||
            bad "change $at: the same command does not work again: $(head -c 300 "$W/err")"
        again=$((again + 1))
    fi
    differs=$(same run "$W/runs/whole" "$run") || bad "killed before change $at of $changes: $differs"
    rm -rf "$run"
done
NOTE="of $changes changes; $resumed resumed, $again begun again, $ended had ended"
finish "all the same bits"
