#!/usr/bin/env python3
"""The first push of a repository, by spacesync and by `git push`, on one local Hub in one run.

    Tests/Benchmarks/first.py [--rtt MS [--mbit N]] [MB] [BYTES] [packed]     (default 300 300000)

MB of text in files of BYTES; packed: after `git gc`, else as loose objects. Git looks at nothing of what it sends;
spacesync reads each file for the Hub's rules and for credentials. `--rtt` puts a link of this round-trip time
(milliseconds) and rate (20 Mbit/s) before the Hub: see link.py. "pack after" is when the Hub was sent the first of the
pack, and "line" how long the line alone takes for all of it."""

import argparse
import datetime
import os
import random
import time

from workbench import Machine, binary

FRONT = "---\ntitle: Bench\nsdk: docker\n---\n"


def fill(folder, total, size):
    dice = random.Random(1)
    words = [bytes(dice.choices(b"abcdefghijklmnopqrstuvwxyz", k=dice.randint(3, 9))) for _ in range(5000)]
    (folder / "README.md").write_text(FRONT)
    (folder / "Dockerfile").write_text("FROM python:3.12\nCOPY . .\n")
    for number in range(max(1, total // size)):
        part = folder / f"d{number // 100}"
        part.mkdir(exist_ok=True)
        (part / f"{number}.txt").write_bytes(b" ".join(dice.choices(words, k=max(1, size // 7))))


def make_source(machine, total, size, is_packed):
    folder = machine.folder / "source"
    folder.mkdir()
    machine.run(["git", "init", "-q", str(folder)])
    machine.run(["git", "config", "gc.auto", "0"], folder)
    # A process of its own: what it needs of memory would count as that of the commands that are measured.
    child = os.fork()
    if child == 0:
        fill(folder, total, size)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("the source could not be made")
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "-m", "First"], folder)
    if is_packed:
        machine.run(["git", "gc", "-q"], folder)
    return folder


def show(machine, label, command, folder):
    with machine.ledger() as asked:
        start = time.time()
        cost = machine.run(command, folder)
    sent = sum(request["request_bytes"] for request in asked) / 1e6
    print(f"{label:<26}{cost.wall:7.2f} s{cost.cpu:8.2f} s CPU{cost.memory:7.0f} MB{sent:9.1f} MB up{len(asked):5} requests",
          end="")
    if machine.link and sent > 1:
        times = [datetime.datetime.fromisoformat(request["time"].replace("Z", "+00:00")).timestamp()
                 for request in asked if request["path"].endswith("git-receive-pack")]
        print(f", pack after {times[-1] - start:.1f} s, line {sent * 8 / machine.link[1]:.1f} s", end="")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rtt", type=float)
    parser.add_argument("--mbit", type=float, default=20)
    parser.add_argument("words", nargs="*", default=[])
    given = parser.parse_args()
    numbers = [int(word) for word in given.words if word.isdigit()]
    total, size = (numbers + [300, 300_000][len(numbers):])[:2]
    is_packed = "packed" in given.words
    with Machine(link=(given.rtt, given.mbit) if given.rtt else None) as machine:
        folder = make_source(machine, total << 20, size, is_packed)
        for space in ("me/ours", "me/git"):
            machine.create(space)
        print(f"{total} MB in files of {size} bytes, {'packed' if is_packed else 'loose'}")
        push = [binary(), "push", "me/ours", "--no-wait", "-q", "--force=drift,deletes,sdk"]
        show(machine, "spacesync, first", push, folder)
        show(machine, "git push, first", ["git", "push", "-q", "--force", machine.remote("me/git"), "HEAD:main"], folder)
        (folder / "d0/0.txt").write_text("changed\n")
        machine.run(["git", "commit", "-q", "-am", "Second"], folder)
        show(machine, "spacesync, one changed", push, folder)
        show(machine, "spacesync, nothing to do", push, folder)


main()
