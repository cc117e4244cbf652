"""Counts how much of the processor's time in training steps is spent in code that one thread runs alone.

perf record -F 199 --call-graph dwarf,16384 -o perf.data thaw train --freeze full --max-rows 700 --epochs 1 --threads 2
perf script -i perf.data --no-inline -F comm,tid,ip,sym | python scripts/serial_share.py

thaw is to be a build with symbols, such as that of `cargo build`. A sample is serial when its stack has a training step and, below
it, nothing of rayon that divides work.
"""
import collections
import sys

DIVIDES = ["plumbing", "join_context", "rayon_core::scope", "rayon::iter", "bridge", "rayon_core::job", "in_worker"]
CORES = 8

total = alone = waiting = 0
where = collections.Counter()
for sample in sys.stdin.read().split("\n\n"):
    frames = [line.strip().split(" ", 1)[1] for line in sample.split("\n")[1:] if " " in line.strip()]
    step = next((i for i, frame in enumerate(frames) if "Learner::step" in frame), None)
    if step is None:
        # The other threads' shares of a step have its work, but not its name.
        others = " ".join(frames)
        is_share = "WorkerThread" in others and "thaw" in others
        total += is_share and "train::trainer" not in others and "evaluate" not in others
        continue
    total += 1
    within = frames[:step]
    if any("wait_until" in frame or "sched_yield" in frame for frame in within[:8]) and "thaw" not in " ".join(within[:3]):
        waiting += 1
    elif not any(name in frame for frame in within for name in DIVIDES):
        alone += 1
        where[next((frame for frame in within if "thaw::" in frame), within[0] if within else "?")] += 1

share = alone / total


def on_many(part):
    """The share of a step on many cores that a serial part of one core's time is."""
    return part / (share + (1 - share) / CORES)


print(f"{total} samples of steps; one thread alone: {share:.2%}; on {CORES} cores {on_many(share):.1%} of a step; waiting {waiting}")
for name, count in where.most_common(10):
    print(f"{count / total:.2%}, on {CORES} cores {on_many(count / total):.1%}: {name}")
