# What the scripts of this folder share. Each begins with
#
#   source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
#   begin NAME "$@"        # [SEED [COUNT]]
#
# and has then a folder of its own in $W (removed at the end), the program in $THAW, a tiny model in $W/model, data in
# $W/films.csv, random numbers by `random`, and `bad` to say that something was lost. `finish` prints the row of the table
# and ends the script: with 1 when `bad` was called.
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
THAW=$(realpath "${THAW:-$ROOT/target/release/thaw}")
[ -x "$THAW" ] || { echo "No program at $THAW: build it (cargo build --release) or name one in THAW." >&2; exit 2; }
export THAW THAW_LANGUAGE=en
export -n DISPLAY WAYLAND_DISPLAY 2>/dev/null || true

begin() {
    NAME=$1 SEED=${2:-1} COUNT=${3:-50}
    RANDOM=$SEED
    LOST=0 TRIED=0 NOTE=
    STARTED=$(date +%s)
    W=$(mktemp -d "${TMPDIR:-/tmp}/thaw-faults-$NAME.XXXXXX")
    trap 'clean' EXIT
    trap 'exit 130' INT TERM
    export THAW_RUNS_DIR="$W/runs" XDG_DATA_HOME="$W/data" XDG_CONFIG_HOME="$W/config" HF_HOME="$W/hf" HOME="$W"
    python3 "$HERE/help/tiny.py" "$W" || exit 2
    MODEL=$W/model DATA=$W/films.csv
}

clean() {
    local code=$?
    # Only what this script started.
    { jobs -p | xargs -r kill -9; wait; } 2> /dev/null
    chmod -R u+w "$W" 2>/dev/null
    if [ -n "${KEEP:-}" ]; then echo "kept: $W" >&2; else rm -rf "$W"; fi
    exit "$code"
}

# random N: a number from 0 to N-1 in $R. It is no subshell, which would repeat the same numbers.
random() { R=$(((RANDOM << 15 | RANDOM) % $1)); }

# Says that something was lost; the script goes on.
bad() { LOST=$((LOST + 1)); echo "LOST ($NAME, seed $SEED): $*" >&2; }

finish() {
    local result=${1:-}
    [ "$LOST" = 0 ] || result="**$LOST lost** $result"
    local row="| $(basename "$0") | $DONE_WHAT | $TRIED | ${result:-nothing lost}${NOTE:+; $NOTE} | $(($(date +%s) - STARTED)) s |"
    echo "$row"
    [ -z "${FAULTS_TABLE:-}" ] || echo "$row" >> "$FAULTS_TABLE"
    [ "$LOST" = 0 ]
    exit
}

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }

sleep_ms() { [ "$1" -le 0 ] || sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# kill_after MS COMMAND...: kill -9 of the command so many milliseconds after its start. $KILLED is 1 when it was still
# going, and $CODE the exit status when it was not.
kill_after() { signal_after KILL "$@"; }

# signal_after SIGNAL MS COMMAND...
signal_after() {
    local signal=$1 ms=$2
    shift 2
    "$@" > "$W/out" 2> "$W/err" &
    local pid=$!
    sleep_ms "$ms"
    KILLED=0
    kill "-$signal" "$pid" 2>/dev/null && KILLED=1
    wait "$pid" 2>/dev/null
    CODE=$?
    if [ "$KILLED" = 1 ] && [ "$signal" = KILL ] && [ "$CODE" != 137 ]; then KILLED=0; fi
}

# The hash by which git, and a hub, name a file's content.
git_hash() { { printf 'blob %d\0' "$(stat -c %s "$1")" && cat "$1"; } | sha1sum; }

# How long a command takes at least, in milliseconds, in $MS: the machine may be busy now and not later.
shortest_of() {
    local target=$1 least i
    shift
    for i in 1 2 3; do
        rm -rf "$target"
        time_of "$@"
        [ "$i" = 1 ] || [ "$MS" -lt "$least" ] && least=$MS
    done
    MS=$least
}

# How long a command takes, in milliseconds, in $MS.
time_of() {
    local from=$(now_ms)
    "$@" > "$W/out" 2> "$W/err" || { echo "The undisturbed command failed: $*" >&2; cat "$W/err" >&2; exit 2; }
    MS=$(($(now_ms) - from))
}

# Builds the library that makes faults happen at a chosen moment, $SHIM; false where there is no C compiler.
build_shim() {
    SHIM=$W/shim.so
    command -v cc > /dev/null && cc -shared -fPIC -O1 -o "$SHIM" "$HERE/help/shim.c" -ldl 2> /dev/null
}

# Ends the script without a result.
skip() {
    local row="| $(basename "$0") | $DONE_WHAT | 0 | skipped: $1 | 0 s |"
    echo "$row"
    [ -z "${FAULTS_TABLE:-}" ] || echo "$row" >> "$FAULTS_TABLE"
    exit 0
}

# run_with VARIABLES... -- COMMAND...: the command under the shim; its exit status is in $CODE.
run_with() {
    local variables=()
    while [ "$1" != -- ]; do variables+=("$1"); shift; done
    shift
    env LD_PRELOAD="$SHIM" "${variables[@]}" "$@" > "$W/out" 2> "$W/err" &
    wait "$!" 2> /dev/null
    CODE=$?
}

# What a disturbed run in $run is trained with; a script may add to it.
disturbed() {
    settings=(--data "$DATA" --model "$MODEL" --freeze 3 --epochs 3 --batch-size 8 --max-length 16 --learning-rate 1e-2 --seed 5 "$@")
    resumed=0 again=0
}

# The three ways on from there: each says WHERE when something was lost.
resume() {
    "$THAW" train --resume "$run" > "$W/out" 2> "$W/err" || bad "$1: not resumed: $(head -c 300 "$W/err")"
    resumed=$((resumed + 1))
}
begin_again() {
    "$THAW" train "${settings[@]}" --out "$run" > "$W/out" 2> "$W/err" || bad "$1: $(head -c 300 "$W/err")"
    again=$((again + 1))
}
same_bits() {
    local differs
    differs=$(same run "$W/whole" "$run") || bad "$1: $differs"
    rm -rf "$run"
}

same() { python3 "$HERE/help/same.py" "$@"; }

# clean_sentence CODE...: the program ended as documented, without a panic, and said something whole on standard error.
said_well() {
    case "$CODE" in 0 | 1 | 2 | 130) ;; *) bad "exit status $CODE: $(head -c 300 "$W/err")"; return ;; esac
    if grep -q "panicked" "$W/err"; then bad "a panic: $(head -c 300 "$W/err")"; fi
    if [ "$CODE" = 1 ] && ! grep -q "^error: " "$W/err"; then bad "no sentence: $(head -c 300 "$W/err")"; fi
}
