#!/usr/bin/env bash
# Runs all scripts of this folder and prints their results as a table.
#
#   [THAW=target/release/thaw] scripts/faults/run_all.sh [SEED [COUNT]]     seed 1 and 50 moments of each, unless told
#
# It needs bash, coreutils and python3; a C compiler and `unshare -rm` for some, which say so where they are missing. It
# takes about ten minutes with 50 moments on a quiet machine, leaves nothing behind, and ends with 1 when something was lost.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2
table=$(mktemp)
trap 'rm -f "$table"' EXIT
failed=0
{
    echo "| script | what is done | times | result | took |"
    echo "|---|---|---|---|---|"
} > "$table"
for script in kill_runs kill_writes kill_races kill_exports kill_downloads full_disk read_only folder_gone two_programs \
    clock_back panics signals; do
    FAULTS_TABLE=$table "./$script.sh" "${1:-1}" "${2:-50}" > /dev/null || failed=1
    tail -n 1 "$table" >&2
done
cat "$table"
exit "$failed"
