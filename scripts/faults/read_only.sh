#!/usr/bin/env bash
# Makes the folder of a run read-only. First in the middle: from each change of a file on, one after the other, nothing can
# be written, made, renamed or removed there any more. Then from the beginning, on a file system that is mounted read-only:
# train, race, resume, export, label's neighbours such as list, predict and params. What is refused must be said with its
# path and end with status 1; what only reads must work; and once the folder can be written again, a run must come to the
# same bits.
#
#   scripts/faults/read_only.sh [SEED [COUNT]]     at least COUNT of the moments, 50 unless told; all when 0
#
# The first part needs a C compiler (`cc`) for help/shim.c, the second `unshare -rm`; no root where users may do that.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin read-only "$@"
DONE_WHAT="a folder that becomes read-only at each change of a file of a run, and commands on a read-only file system"
disturbed --keep best
run=$W/disk/run
mkdir "$W/disk"
time_of "$THAW" train "${settings[@]}" --out "$W/whole"
over=0

if build_shim; then
    run_with FAULT_DIR="$W/disk" FAULT_COUNT="$W/changes" -- "$THAW" train "${settings[@]}" --out "$run"
    changes=$(cat "$W/changes")
    rm -rf "$run"
    step=1
    [ "$COUNT" = 0 ] || [ "$changes" -le "$COUNT" ] || step=$((changes / COUNT))
    for ((at = 1; at <= changes; at += step)); do
        where="read-only from change $at of $changes on"
        run_with FAULT_DIR="$W/disk" FAULT_KIND=read-only FAULT_AT="$at" -- "$THAW" train "${settings[@]}" --out "$run"
        TRIED=$((TRIED + 1))
        said_well
        if [ "$CODE" = 1 ]; then
            grep "^error: " "$W/err" | grep -q "$W/disk.*cannot be written" || bad "$where: $(head -c 400 "$W/err")"
        fi
        if [ -f "$run/metrics.json" ] && grep -q '"outcome": "completed"' "$run/metrics.json"; then
            # What could not be removed then goes with the next try.
            "$THAW" train --resume "$run" > "$W/out" 2> "$W/err"
            over=$((over + 1))
        elif [ -f "$run/settings.json" ] && [ -f "$run/splits.json" ]; then
            resume "$where"
        else
            begin_again "$where"
        fi
        same_bits "$where"
    done
    NOTE="$resumed resumed, $again begun again, $over had their results"
else
    NOTE="no C compiler: not in the middle"
fi

if unshare -rm true 2> /dev/null; then
    # A run that was killed, one that is whole, and a file system that can only be read.
    kill_after $((MS * 2 / 3)) "$THAW" train "${settings[@]}" --out "$W/cut"
    cat > "$W/commands.sh" <<'INNER'
set -u
disk=$W/mounted
mkdir -p "$disk"
mount -t tmpfs -o size=16m tmpfs "$disk"
cp -r "$W/whole" "$disk/whole"
[ -d "$W/cut" ] && cp -r "$W/cut" "$disk/cut"
"$THAW" race --data "$DATA" --model "$MODEL" --freeze 1,2 --seeds 1 --epochs 1 --max-length 16 --out "$disk/race" > /dev/null 2>&1
rm -rf "$disk"/race/02*
python3 - "$disk/race/race.json" <<'PYTHON'
import json, sys
race = json.load(open(sys.argv[1]))
race["rows"] = race["rows"][:1]
json.dump(race, open(sys.argv[1], "w"))
PYTHON
mount -o remount,ro "$disk"
before=$(find "$disk" | sort)
lost=0 tried=0
refused() {
    tried=$((tried + 1))
    "$@" > "$W/out" 2> "$W/err"
    code=$?
    if [ "$code" != 1 ] || ! grep "^error: " "$W/err" | grep -q "$disk.*cannot be written" || grep -q panicked "$W/err"; then
        echo "LOST (read-only): $*: status $code: $(head -c 300 "$W/err")" >&2
        lost=1
    fi
}
works() {
    tried=$((tried + 1))
    "$@" > "$W/out" 2> "$W/err" || { echo "LOST (read-only): $*: $(head -c 300 "$W/err")" >&2; lost=1; }
}
refused "$THAW" train --data "$DATA" --model "$MODEL" --freeze 1 --max-length 16 --out "$disk/new"
refused env THAW_RUNS_DIR="$disk/runs" "$THAW" train --data "$DATA" --model "$MODEL" --freeze 1 --max-length 16
refused "$THAW" race --data "$DATA" --model "$MODEL" --freeze 1,2 --epochs 1 --max-length 16 --out "$disk/newrace"
refused "$THAW" race --resume "$disk/race"
[ -f "$disk/cut/splits.json" ] && refused "$THAW" train --resume "$disk/cut"
refused "$THAW" export "$disk/whole" --to "$disk/given"
refused env HF_HOME="$disk/hf" "$THAW" models import "$W/model" --as tiny/model
works "$THAW" runs "$disk" --json
works "$THAW" predict "$disk/whole" "the film was warm"
works "$THAW" evaluate "$disk/whole" --data "$DATA"
works "$THAW" params "$disk/whole"
works "$THAW" export "$disk/whole" --to "$W/given"
works "$THAW" train --continue "$disk/whole" --epochs 1 --out "$W/more"
[ "$before" = "$(find "$disk" | sort)" ] || { echo "LOST (read-only): the folder changed" >&2; lost=1; }
echo "$tried"
exit "$lost"
INNER
    tried=$(W=$W DATA=$DATA MODEL=$MODEL unshare -rm bash "$W/commands.sh") || bad "on a read-only file system"
    TRIED=$((TRIED + tried))
    NOTE="$NOTE; $tried commands on a read-only file system"
else
    NOTE="$NOTE; no name space, so no read-only file system"
fi
finish "all the same bits once it can be written"
