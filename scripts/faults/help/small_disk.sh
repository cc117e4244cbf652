# The part of full_disk.sh on a small file system. It is started by that, in a name space of its own:
# small_disk.sh FOLDER MILLISECONDS SEED COUNT SETTINGS...; it prints how many were tried, resumed, begun again, and how
# many came to their end.
set -uo pipefail
W=$1 whole_ms=$2 RANDOM=$3 COUNT=$4
shift 4
settings=("$@")
HERE=$(dirname "$0")
disk=$W/tmpfs run=$W/tmpfs/run
tried=0 resumed=0 again=0 went_on=0 lost=0
mkdir -p "$disk"
mount -t tmpfs -o size=4m tmpfs "$disk" || exit 1
bad() { lost=1; echo "LOST (small disk): $*" >&2; }
while [ "$tried" -lt "$COUNT" ]; do
    minutes=$([ $((RANDOM % 2)) = 0 ] && echo 1e-9 || echo 10)
    "$THAW" train "${settings[@]}" --checkpoint-minutes "$minutes" --out "$run" > "$W/out" 2> "$W/err" &
    pid=$!
    ms=$((RANDOM % whole_ms))
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    kill -STOP "$pid" 2> /dev/null
    # All of the disk but so many pages of 4 KiB.
    pages=$((RANDOM % 12))
    dd if=/dev/zero of="$disk/fill" bs=4096 count=2000 2> /dev/null
    truncate -s "-$((pages * 4096))" "$disk/fill" 2> /dev/null
    kill -CONT "$pid" 2> /dev/null
    wait "$pid"
    code=$?
    tried=$((tried + 1))
    case "$code" in 0 | 1) ;; *) bad "status $code: $(head -c 300 "$W/err")" ;; esac
    if grep -q panicked "$W/err"; then bad "a panic: $(head -c 300 "$W/err")"; fi
    if [ "$code" = 1 ] && ! grep "^error: " "$W/err" | grep -q "disk is full: $disk\|will be written into $disk"; then
        bad "the sentence names no file: $(head -c 400 "$W/err")"
    fi
    [ ! -e "$run/running.lock" ] || bad "a lock is left"
    left=$(find "$disk" -name '.writing-*')
    [ -z "$left" ] || bad "left: $left"
    rm "$disk/fill"
    if [ -f "$run/metrics.json" ] && grep -q '"outcome": "completed"' "$run/metrics.json"; then
        went_on=$((went_on + 1))
    elif [ -f "$run/settings.json" ]; then
        "$THAW" train --resume "$run" > "$W/out" 2> "$W/err" || bad "not resumed: $(head -c 300 "$W/err")"
        resumed=$((resumed + 1))
    else
        [ -z "$(ls -A "$run" 2> /dev/null)" ] || bad "left of a run that never began: $(ls -A "$run")"
        "$THAW" train "${settings[@]}" --out "$run" > "$W/out" 2> "$W/err" || bad "$(head -c 300 "$W/err")"
        again=$((again + 1))
    fi
    differs=$(python3 "$HERE/same.py" run "$W/whole" "$run") || bad "after $ms ms with $pages pages left: $differs"
    rm -rf "$run"
done
echo "$tried $resumed $again $went_on"
exit "$lost"
