#!/usr/bin/env python3
"""How long after the Hub's change of stage a watch says so.

    Tests/Benchmarks/watch.py [--rtt MS [--mbit N]] [--rounds N]     (default 80 ms and 20 Mbit/s, 12 rounds)

Each round pushes a change whose build and start take a random time. The Hub is asked for its stage, without the link, every
10 ms; the lines of `push --json` are timed as they come. Prints the median and the longest delay of each stage, and exits 1
where the median of all is half a second or more."""

import argparse
import json
import random
import statistics
import subprocess
import sys
import threading
import time

from workbench import Machine, binary


class Observer(threading.Thread):
    """Notes when the Hub's stage of a Space changes."""

    def __init__(self, machine, space):
        super().__init__(daemon=True)
        self.machine, self.space, self.seen, self.is_over = machine, space, {}, False

    def run(self):
        while not self.is_over:
            stage = json.loads(self.machine.api("GET", f"/api/spaces/{self.space}/runtime"))["stage"]
            self.seen.setdefault(stage, time.monotonic())
            time.sleep(0.01)


def write(folder, dice, number):
    times = {"build": {"seconds": dice.uniform(2, 6)}, "start": {"seconds": dice.uniform(2, 6)}}
    (folder / ".hub.json").write_text(json.dumps(times))
    (folder / "app.py").write_text(f"print({number})\n")
    (folder / "Dockerfile").write_text("FROM python:3.12\nRUN pip install x\nCOPY . .\nCMD [\"python\", \"app.py\"]\n")
    (folder / "README.md").write_text("---\nsdk: docker\n---\n")


def measure(machine, folder, space):
    """The delay of each stage of one push, in seconds."""
    observer = Observer(machine, space)
    child = subprocess.Popen(
        [binary(), "push", space, "--json"], cwd=folder, env=machine.environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    told = {}
    for line in child.stdout:
        event = json.loads(line)
        if event.get("event") == "pushed":
            observer.start()
        if event.get("event") == "stage":
            told.setdefault(event["stage"], time.monotonic())
    observer.is_over = True
    if child.wait() != 0:
        raise SystemExit("the push failed")
    # The stage at the first look is no change.
    changes = list(observer.seen)[1:]
    return {stage: max(0, told[stage] - observer.seen[stage]) for stage in changes if stage in told}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rtt", type=float, default=80)
    parser.add_argument("--mbit", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=12)
    given = parser.parse_args()
    dice = random.Random(1)
    with Machine(link=(given.rtt, given.mbit)) as machine:
        folder, space = machine.folder / "source", "me/watched"
        machine.create(space)
        machine.run(["git", "init", "-q", str(folder)])
        delays = {}
        for number in range(given.rounds):
            write(folder, dice, number)
            machine.run(["git", "add", "-A"], folder)
            machine.run(["git", "commit", "-q", "-m", f"Change {number}"], folder)
            for stage, delay in measure(machine, folder, space).items():
                delays.setdefault(stage, []).append(delay)
        for stage, times in delays.items():
            print(f"{stage:<24}{statistics.median(times):6.2f} s, at most {max(times):.2f} s ({len(times)})")
        median = statistics.median(sum(delays.values(), []))
        print(f"{'all':<24}{median:6.2f} s")
        sys.exit(1 if median >= 0.5 else 0)


main()
