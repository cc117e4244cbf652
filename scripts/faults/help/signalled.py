"""Runs a command and sends it a signal: signalled.py SIGNAL MILLISECONDS TWICE OUT ERR COMMAND...

Prints 1 when it was still going then, else 0, and its exit status, which is negative when a signal ended it.
"""
import signal
import subprocess
import sys
import time

name, ms, twice, out, err = sys.argv[1:6]
number = getattr(signal, f"SIG{name}")


def restore():
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


with open(out, "w") as output, open(err, "w") as errors:
    child = subprocess.Popen(sys.argv[6:], stdout=output, stderr=errors, preexec_fn=restore)
    time.sleep(int(ms) / 1000)
    was_going = child.poll() is None
    if was_going:
        child.send_signal(number)
        if twice == "1":
            time.sleep(0.02)
            child.send_signal(number)
    print(int(was_going), child.wait())
