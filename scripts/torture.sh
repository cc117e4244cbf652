#!/usr/bin/env bash
# Tortures every reader of files for so many minutes (60), as `cargo test --test torture` does for a moment:
#     scripts/torture.sh [MINUTES [TARGET...]]
# A target is the name of a test, or a part of it. What was found lies in target/torture or $THAW_TORTURE_DIR, each input in
# a folder of its own, and tried.tsv there has a line for each turn: target, inputs, seconds, findings. THAW_TORTURE_BIN names
# a binary of the tests that is there already, so that none is built. It needs stable Rust and nothing else.
set -euo pipefail
[[ -z "${THAW_TORTURE_BIN:-}" ]] || THAW_TORTURE_BIN=$(realpath "$THAW_TORTURE_BIN")
cd "$(dirname "$0")/.."
minutes=${1:-60}
shift || true
THAW_TORTURE_DIR=$(realpath -m "${THAW_TORTURE_DIR:-target/torture}")
export THAW_TORTURE_DIR
mkdir -p "$THAW_TORTURE_DIR"

if [[ -z "${THAW_TORTURE_BIN:-}" ]]; then
    # Arithmetic that runs over is a finding, so that it is checked here as in tests.
    THAW_TORTURE_BIN=$(cargo test --release --locked --config profile.release.package.thaw.overflow-checks=true \
        --test torture --no-run 2>&1 | tee /dev/stderr | sed -n 's/.*(\(.*torture-[0-9a-f]*\))$/\1/p')
fi

mapfile -t tests < <("$THAW_TORTURE_BIN" --list "$@" 2>/dev/null | sed -n 's/: test$//p')
end=$((SECONDS + minutes * 60))
# All targets have their turn again and again, so that a run that is ended early has tried all of them.
turn=$(((minutes * 60) / (${#tests[@]} * 3)))
turn=$((turn < 5 ? 5 : turn > 60 ? 60 : turn))
while ((SECONDS < end)); do
    for test in "${tests[@]}"; do
        ((SECONDS < end)) || break
        # A finding ends the turn of its target with an error, and the others go on.
        BOLERO_RANDOM_TEST_TIME_MS=$((turn * 1000)) nice -n 19 "$THAW_TORTURE_BIN" --exact "$test" --nocapture \
            >> "$THAW_TORTURE_DIR/log.txt" 2>&1 || true
    done
done

# The rows of the table in docs/torture.md.
awk -F'\t' '{ n[$1] += $2; s[$1] += $3; all += $2; secs += $3 }
    END { for (t in n) printf "| %s | %d | %.1f |\n", t, n[t], s[t] / 60; printf "| ~ all | %d | %.1f |\n", all, secs / 60 }' \
    "$THAW_TORTURE_DIR/tried.tsv" | sort
find "$THAW_TORTURE_DIR" -name why.txt -printf 'found: %h\n'
