#!/usr/bin/env python3
"""Large objects over a slow link: how much of the line an upload takes, and how true its progress is.

    Tests/Benchmarks/lfslink.py [--rtt MS] [--mbit N] [MB …]     (default 80 ms, 20 Mbit/s, 10 and 40 MB)

Each size goes once in one piece and once in parts of 5 MiB. "line" is the share of the line's rate that the upload had, from
its first request to the end of its last, as the Hub saw them; "progress" is how far the number on the terminal was from
what the line can have taken by then, at most, in seconds. Exits 1 below 95 % of the line or beyond 1 s."""

import argparse
import datetime
import json
import os
import pty
import re
import subprocess
import sys
import time

from workbench import Machine, binary

SHOWN = re.compile(rb"([0-9.]+) of [0-9.]+ ([KM]iB)(?:,|\s)|([0-9.]+) ([KM]iB) of ")
UNITS = {b"KiB": 1 << 10, b"MiB": 1 << 20}


def make_source(machine, name, size):
    folder = machine.folder / name
    machine.run(["git", "init", "-q", str(folder)])
    machine.run(["git", "lfs", "install", "--local"], folder)
    machine.run(["git", "lfs", "track", "*.bin"], folder)
    (folder / "Dockerfile").write_text("FROM python:3.12\n")
    (folder / "README.md").write_text("---\nsdk: docker\n---\n")
    machine.run(["sh", "-c", f"head -c {size * 1_000_000} /dev/urandom > model.bin"], folder)
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "-m", "One"], folder)
    return folder


def push_at_terminal(machine, folder, space):
    """Runs a push at a terminal; the times at which it showed how many bytes were sent, and its seconds."""
    shown, (master, slave) = [], pty.openpty()
    start = time.monotonic()
    child = subprocess.Popen(
        [binary(), "push", space, "--no-wait"], cwd=folder, env={**machine.environment, "TERM": "xterm"},
        stdout=subprocess.DEVNULL, stderr=slave, stdin=subprocess.DEVNULL)
    os.close(slave)
    while True:
        try:
            text = os.read(master, 65536)
        except OSError:
            break
        if not text:
            break
        if found := list(SHOWN.finditer(text)):
            first, unit, other, its_unit = found[-1].groups()
            shown.append((time.time(), float(first or other) * UNITS[unit or its_unit]))
    if child.wait() != 0:
        raise SystemExit("the push failed")
    return shown, time.monotonic() - start


def uploads(machine):
    """Start and end of each PUT, by the Hub's clock."""
    for request in json.loads(machine.api("GET", "/_hub/requests")):
        if request["method"] == "PUT":
            start = datetime.datetime.fromisoformat(request["time"].replace("Z", "+00:00")).timestamp()
            yield start, start + request["seconds"]


def measure(machine, size, label, given):
    folder, space = make_source(machine, f"source{size}", size), f"me/o{size}"
    machine.create(space)
    machine.api("DELETE", "/_hub/requests")
    shown, wall = push_at_terminal(machine, folder, space)
    spans, rate = list(uploads(machine)), given.mbit * 1e6 / 8
    begin, end = min(start for start, _ in spans), max(end for _, end in spans)
    # A byte that reaches the Hub now has left half a round trip ago.
    left = begin - given.rtt / 2000
    errors = [abs(sent / rate - (at - left)) for at, sent in shown if left + 1 < at < end and sent < size * 1e6]
    line = size * 1e6 / rate / (end - begin)
    print(f"{size} MB {label:<14}{wall:7.2f} s{line:8.0%} of the line, progress within {max(errors, default=0):.2f} s"
          f" ({len(errors)} looks)", flush=True)
    return line < 0.95 or max(errors, default=9) > 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rtt", type=float, default=80)
    parser.add_argument("--mbit", type=float, default=20)
    parser.add_argument("sizes", type=int, nargs="*", default=[10, 40])
    given = parser.parse_args()
    failed = False
    for part, label in (("100G", "in one piece"), ("5M", "in parts")):
        with Machine(["--part-size", part], link=(given.rtt, given.mbit)) as machine:
            machine.run(["git", "lfs", "install", "--skip-repo"])
            for size in given.sizes:
                failed |= measure(machine, size, label, given)
    sys.exit(1 if failed else 0)


main()
