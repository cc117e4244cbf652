"""Checks that a folder of `thaw export --cluster` trains as Thaw does, whatever the number of processes.

    python scripts/check_cluster.py [--thaw target/release/thaw] [--only presets,stages,...]

Each case is exported from the same settings that Thaw trains with (dropout 0), and trained with one and with two processes
(gloo). The first 20 losses are to agree with Thaw's to 1e-3, and all losses of one and of two processes to 1e-4. One case is
killed in the middle and started again, one is started by `accelerate launch`, and one by `job.sbatch`.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMON = ["--max-rows", "200", "--epochs", "2", "--batch-size", "8", "--max-length", "48", "--dropout", "0"]
PLAN = {
    "stages": [{"from_epoch": 1, "freeze": "2"}, {"from_epoch": 2, "freeze": "full"}],
    "learning_rates": {"layer_divisor": 2.6, "groups": [{"parameters": "embeddings.*", "factor": 0.1}]},
}
BIN = Path(sys.executable).parent


def cases(folder):
    (folder / "plan.json").write_text(json.dumps(PLAN))
    rows = "".join(f'"question {i % 7} of {i}","answer {i % 3} of {i}",{"yes" if i % 3 else "no"}\n' for i in range(150))
    (folder / "pairs.csv").write_text("first,second,label\n" + rows)
    pairs = ["--data", str(folder / "pairs.csv"), "--text-column", "first", "--second-text-column", "second"]
    return {
        "head": [*COMMON, "--freeze", "1"],
        "top": [*COMMON, "--freeze", "3", "--weight-decay", "0.01", "--warmup-ratio", "0.1", "--schedule", "cosine"],
        "full": [*COMMON, "--freeze", "full", "--accumulate", "2", "--clip", "0.5"],
        "stages": [*COMMON, "--freeze", str(folder / "plan.json"), "--weight-decay", "0.01"],
        "weights": [*COMMON, "--freeze", "2", "--class-weights", "negative=3,positive=1", "--keep", "best"],
        "pairs": [*COMMON, *pairs, "--freeze", "2", "--class-weights", "balanced"],
    }


def losses_of(log):
    return [line["loss"] for line in map(json.loads, log.splitlines()) if line["event"] == "step"]


def train_in_thaw(thaw, settings, out):
    told = subprocess.run([thaw, "train", *settings, "--out", out, "--json"], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    accuracy = next(line["accuracy"] for line in lines if line["event"] == "test_evaluated")
    return losses_of(told.stdout), accuracy


def command(folder, processes):
    return [BIN / "torchrun", "--standalone", "--nproc_per_node", str(processes), folder / "train.py"]


def train(folder, args, **more):
    env = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(args, capture_output=True, text=True, env={**env, **more})


def results(folder):
    metrics = json.loads((folder / "run" / "metrics.json").read_text())
    return losses_of((folder / "run" / "steps.jsonl").read_text()), metrics["test"]["accuracy"]


def copied(exported, name):
    shutil.copytree(exported, exported.parent / name)
    return exported.parent / name


def killed_and_gone_on_with(folder):
    """Kills all processes in the second epoch, and starts them again."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(
        command(folder, 2), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, start_new_session=True
    )
    log = folder / "run" / "steps.jsonl"
    first_epoch_is_over = lambda: log.exists() and "epoch_ended" in log.read_text() and '"epoch": 2' in log.read_text().split("epoch_ended")[1]
    while process.poll() is None and not (first_epoch_is_over() and (folder / "checkpoints" / "newest").exists()):
        time.sleep(0.05)
    # torchrun's processes outlive it. Nothing else has the path of this script.
    found = subprocess.run(["pgrep", "-f", str(folder / "train.py")], capture_output=True, text=True, check=True)
    for pid in {process.pid, *map(int, found.stdout.split())}:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    assert not (folder / "run" / "metrics.json").exists(), "it was killed before its end"
    told = train(folder, command(folder, 2))
    assert "going on after step" in told.stdout, told.stdout + told.stderr
    return results(folder)


def by_job(folder):
    """job.sbatch as Slurm would start it, with stand-ins for its commands."""
    stand_ins = folder.parent / "slurm"
    stand_ins.mkdir(exist_ok=True)
    for name, text in [("srun", 'exec "$@"'), ("scontrol", "echo localhost")]:
        (stand_ins / name).write_text(f"#!/bin/sh\n{text}\n")
        (stand_ins / name).chmod(0o755)
    slurm = {
        "PATH": f"{stand_ins}:{BIN}:{os.environ['PATH']}", "SLURM_JOB_NODELIST": "localhost", "SLURM_NNODES": "1",
        "SLURM_GPUS_ON_NODE": "2", "SLURM_JOB_ID": str(os.getpid()), "SLURM_SUBMIT_DIR": str(folder),
    }  # fmt: skip
    told = train(folder, ["bash", folder / "job.sbatch"], **slurm)
    assert told.returncode == 0, told.stderr[-2000:]
    return results(folder)


def apart(a, b):
    assert len(a) == len(b), f"{len(a)} and {len(b)} losses"
    return max(abs(x - y) for x, y in zip(a, b))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", default="target/release/thaw")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path, help="keep the run folder of the case `stages` here, without its model")
    options = parser.parse_args()
    wanted, failed = [name for name in options.only.split(",") if name], []
    print(f"{'case':10} {'compared':34} {'losses':>7} {'largest difference':>19} {'allowed':>8} {'accuracy':>17}")

    def row(name, what, a, b, allowed):
        (own, accuracy), (other, of_other) = a, b
        difference = apart(own, other)
        print(f"{name:10} {what:34} {len(own):7} {difference:19.2e} {allowed:8.0e} {accuracy:8.4f} {of_other:8.4f}", flush=True)
        if not difference <= allowed:
            failed.append(f"{name}: {what}")

    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        for name, settings in cases(place).items():
            if wanted and name not in wanted:
                continue
            folder = place / name
            subprocess.run([options.thaw, "export", "--cluster", folder, *settings], check=True, stdout=subprocess.DEVNULL)
            thaw = train_in_thaw(options.thaw, settings, place / f"{name}-thaw")
            found = {}
            for processes in (1, 2):
                trained = copied(folder, f"{name}-{processes}")
                told = train(trained, command(trained, processes))
                assert told.returncode == 0, told.stdout[-500:] + told.stderr[-3000:]
                found[processes] = results(trained)
            first = lambda result: (result[0][:20], result[1])
            row(name, "Thaw, one process (first 20)", first(thaw), first(found[1]), 1e-3)
            row(name, "one process, two processes", found[1], found[2], 1e-4)
            if name == "stages" and options.keep:
                kept = ["settings.json", "splits.json", "steps.jsonl", "metrics.json", "fingerprints.json", "predictions.csv"]
                options.keep.mkdir(parents=True, exist_ok=True)
                for file in kept:
                    shutil.copy(place / "stages-2" / "run" / file, options.keep)
            if name == "stages":
                row(name, "two processes, killed and gone on", found[2], killed_and_gone_on_with(copied(folder, "killed")), 1e-6)
            if name == "top":
                trained = copied(folder, "accelerate")
                told = train(trained, [BIN / "accelerate", "launch", "--cpu", "--num_processes", "1", trained / "train.py"])
                assert told.returncode == 0, told.stdout[-500:] + told.stderr[-3000:]
                row(name, "one process, accelerate launch", found[1], results(trained), 1e-6)
            if name == "head":
                row(name, "two processes, job.sbatch", found[2], by_job(copied(folder, "job")), 1e-6)
            listed = subprocess.run([options.thaw, "runs", place / f"{name}-2", "--json"], capture_output=True, text=True, check=True)
            run = next(run for run in map(json.loads, listed.stdout.splitlines()) if run["dir"].endswith("run"))
            assert (run["engine"], run["state"], run["has_model"]) == ("accelerate", "completed", True), run
            measured = subprocess.run([options.thaw, "evaluate", run["dir"], "--json"], capture_output=True, text=True, check=True)
            accuracy = json.loads(measured.stdout.splitlines()[-1])["accuracy"]
            assert abs(accuracy - found[2][1]) < 1e-6, f"Thaw measures {accuracy} on the run's test rows, the script {found[2][1]}"
            proof = subprocess.run([options.thaw, "params", run["dir"], "--json"], capture_output=True, text=True)
            assert proof.returncode == 0, proof.stdout[-500:]
    if failed:
        sys.exit(f"differs too much: {', '.join(failed)}")


if __name__ == "__main__":
    main()
