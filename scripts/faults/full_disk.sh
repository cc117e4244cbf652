#!/usr/bin/env bash
# Lets the disk of a run fill up. First before each change of a file in the run's folder, one after the other (each write of
# settings, split, log, checkpoint, model, proof, metrics; of the Nth write, half still fits). Then on a real small disk
# that fills up at random moments to the last few KiB: the training stands still while it is filled. The run must say what
# could not be written and where, end with the documented status, and come to the same bits once there is room again.
#
#   scripts/faults/full_disk.sh [SEED [COUNT]]     COUNT of each, 50 unless told
#
# The first part needs a C compiler (`cc`) for help/shim.c. The second mounts a tmpfs in a name space of its own
# (`unshare -rm`): no root where the system lets users have one. Each is left out, and that is said, where it can't be done.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin full-disk "$@"
DONE_WHAT="a full disk before each change of a file of a run, a race and an export, and a small tmpfs that fills up at random moments"
disturbed --keep best
run=$W/disk/run
mkdir "$W/disk"
shortest_of "$W/whole" "$THAW" train "${settings[@]}" --checkpoint-minutes 1e-9 --out "$W/whole"
whole_ms=$MS went_on=0

# What a run on a full disk must have said, and that it comes to its end once there is room.
check() {
    said_well
    if [ "$CODE" = 1 ]; then
        # The sentence of the end names a file or folder of the run.
        grep "^error: " "$W/err" | grep -q "disk is full: $W/disk\|will be written into $W/disk\|could not be written: $W/disk" ||
            bad "$1: the sentence names no file: $(head -c 400 "$W/err")"
    fi
    [ ! -e "$run/running.lock" ] || bad "$1: a lock is left"
    left=$(find "$W/disk" -name '.writing-*') && [ -z "$left" ] || bad "$1: left: $left"
}

make_room() {
    if [ -f "$run/metrics.json" ] && grep -q '"outcome": "completed"' "$run/metrics.json"; then
        went_on=$((went_on + 1))
    elif [ -f "$run/settings.json" ]; then
        resume "$1"
    else
        [ -z "$(ls -A "$run" 2>/dev/null)" ] || bad "$1: something is left of a run that never began: $(ls -A "$run")"
        begin_again "$1"
    fi
    same_bits "$1"
}

if build_shim; then
    run_with FAULT_DIR="$W/disk" FAULT_COUNT="$W/changes" -- "$THAW" train "${settings[@]}" --out "$run"
    changes=$(cat "$W/changes")
    rm -rf "$run"
    step=1
    [ "$COUNT" = 0 ] || [ "$changes" -le "$COUNT" ] || step=$((changes / COUNT))
    for ((at = 1; at <= changes; at += step)); do
        run_with FAULT_DIR="$W/disk" FAULT_KIND=full FAULT_AT="$at" -- "$THAW" train "${settings[@]}" --out "$run"
        TRIED=$((TRIED + 1))
        check "full at change $at of $changes"
        make_room "full at change $at of $changes"
    done
    NOTE="$TRIED of the $changes changes of a run"

    # A race, and an export of a run.
    raced=(--data "$DATA" --model "$MODEL" --freeze 1,3 --seeds 1 --epochs 2 --batch-size 8 --max-length 16 --seed 5)
    race=$W/disk/race
    "$THAW" race "${raced[@]}" --out "$W/race" > "$W/out" 2> "$W/err" || bad "the race: $(cat "$W/err")"
    "$THAW" export "$W/whole" --to "$W/right" > "$W/out" 2> "$W/err" || bad "the export: $(cat "$W/err")"
    for kind in race export; do
        if [ "$kind" = race ]; then
            command=("$THAW" race "${raced[@]}" --out "$race")
        else
            command=("$THAW" export "$W/whole" --to "$W/disk/given")
        fi
        run_with FAULT_DIR="$W/disk" FAULT_COUNT="$W/changes" -- "${command[@]}"
        changes=$(cat "$W/changes")
        rm -rf "$race" "$W/disk/given"
        step=1
        [ "$COUNT" = 0 ] || [ "$changes" -le "$COUNT" ] || step=$((changes / COUNT))
        for ((at = 1; at <= changes; at += step)); do
            where="$kind, full at change $at of $changes"
            run_with FAULT_DIR="$W/disk" FAULT_KIND=full FAULT_AT="$at" -- "${command[@]}"
            TRIED=$((TRIED + 1))
            said_well
            [ "$CODE" = 0 ] || grep "^error: " "$W/err" | grep -q "disk is full: $W/disk" || bad "$where: $(head -c 400 "$W/err")"
            left=$(find "$W/disk" -name '.writing-*' -o -name '.exporting-*' -o -name running.lock)
            [ -z "$left" ] || bad "$where: left: $left"
            if [ "$kind" = export ]; then
                # All of it or nothing; and the same command works once there is room.
                [ "$CODE" = 0 ] || [ ! -e "$W/disk/given" ] || bad "$where: half an export"
                [ "$CODE" = 0 ] || "${command[@]}" > "$W/out" 2> "$W/err" || bad "$where: $(head -c 300 "$W/err")"
                differs=$(same folder "$W/right" "$W/disk/given") || bad "$where: $differs"
                rm -rf "$W/disk/given"
                continue
            fi
            if [ -f "$race/race.json" ]; then
                "$THAW" race --resume "$race" > "$W/out" 2> "$W/err" || grep -q "already complete" "$W/err" || bad "$where: $(head -c 300 "$W/err")"
            else
                [ -z "$(ls -A "$race" 2> /dev/null)" ] || bad "$where: left: $(ls -A "$race")"
                "${command[@]}" > "$W/out" 2> "$W/err" || bad "$where: $(head -c 300 "$W/err")"
            fi
            differs=$(same race "$W/race" "$race") || bad "$where: $differs"
            rm -rf "$race"
        done
        NOTE="$NOTE, of the $changes of its $kind"
    done
else
    NOTE="no C compiler: not before each change"
fi

# The second part again, in a name space in which a small disk can be mounted.
if [ -z "${FAULTS_ON_TMPFS:-}" ]; then
    if ! unshare -rm true 2> /dev/null; then
        NOTE="$NOTE, no name space for a tmpfs: only that"
    else
        random 100000
        counts=$(FAULTS_ON_TMPFS="$W" unshare -rm bash "$HERE/help/small_disk.sh" "$W" "$whole_ms" "$R" "$COUNT" "${settings[@]}")
        code=$?
        read -r tried more_resumed more_again more_went_on <<< "$counts"
        [ "$code" = 0 ] || bad "on a small tmpfs"
        TRIED=$((TRIED + ${tried:-0})) resumed=$((resumed + ${more_resumed:-0})) again=$((again + ${more_again:-0}))
        went_on=$((went_on + ${more_went_on:-0}))
        NOTE="$NOTE, and ${tried:-0} times on a tmpfs"
    fi
fi
NOTE="$NOTE; $resumed resumed, $again begun again, $went_on came to their end all the same"
finish "all the same bits once there is room"
