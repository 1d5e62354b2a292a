#!/usr/bin/env python3
"""What repacking the cache costs: the first command after many pushes during which the cache could not be repacked.

    Tests/Benchmarks/repack.py [PUSHES [FILES]]     (default 60 2500)

Each push deploys a changed source behind a URL and adds a pack to the Space's store and two to the source's. Meanwhile a
process holds the stores' locks, as a running mirror does. Then `plan` repacks both stores; it is repeated with the same
cache. "next" is a plan that has nothing to repack, "push" the push after it, and "refetch" a plan with an empty cache,
which is what removing the stores would cost."""

import argparse
import fcntl
import random
import shutil
import statistics

from workbench import Machine, binary

ROUNDS = 3


def write(folder, number, size=40):
    dice = random.Random(number)
    lines = (f"line {dice.randrange(10 ** 6)} of a file" for _ in range(size))
    (folder / f"d{number % 50}").mkdir(exist_ok=True)
    (folder / f"d{number % 50}" / f"{number}.txt").write_text("\n".join(lines) + "\n")


def make_source(machine, files):
    machine.create("me/source")
    machine.run(["git", "clone", "-q", machine.remote("me/source"), "source"])
    folder = machine.folder / "source"
    for number in range(files):
        write(folder, number)
    (folder / "README.md").write_text("---\ntitle: Bench\nsdk: docker\n---\n")
    (folder / "Dockerfile").write_text("FROM python:3.12\nCOPY . .\n")
    publish(machine, folder)
    return folder


def publish(machine, folder):
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "-m", "Change"], folder)
    machine.run(["git", "push", "-q", "origin", "HEAD:main"], folder)


def change(machine, folder, turn, files):
    for number in range(turn * 7, turn * 7 + 20):
        path = folder / f"d{number % files % 50}" / f"{number % files}.txt"
        path.write_text(path.read_text() + f"turn {turn}\n")
    publish(machine, folder)


def stores(cache):
    return [store for store in cache.iterdir() if (store / "HEAD").exists()]


def packs(cache):
    files = [file for store in stores(cache) for file in (store / "objects/pack").iterdir()]
    return sum(file.suffix == ".pack" for file in files), sum(file.stat().st_size for file in files)


def hold(cache):
    """Locks the stores as a process that uses them does."""
    held = [open(file) for file in cache.glob("*.lock")]
    for file in held:
        fcntl.flock(file, fcntl.LOCK_SH)
    return held


def show(label, costs, asked):
    wall = statistics.median(cost.wall for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    memory = max(cost.memory for cost in costs)
    sizes = [sum(request[key] for request in asked) for key in ("request_bytes", "response_bytes")]
    print(f"{label:<8}{wall:7.2f} s{cpu:8.2f} s CPU{memory:7.1f} MB"
          f"{len(asked):5} requests{sizes[0]:8} B up{sizes[1]:8} B down")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pushes", nargs="?", type=int, default=60)
    parser.add_argument("files", nargs="?", type=int, default=2500)
    options = parser.parse_args()
    with Machine() as machine:
        folder = make_source(machine, options.files)
        command = [binary(), "push", "me/demo", "--source", machine.remote("me/source"), "--create", "--no-wait"]
        plan = [binary(), "plan", "me/demo", "--source", machine.remote("me/source")]
        machine.run(command)
        cache = machine.home / ".cache/spacesync"
        held = hold(cache)
        for turn in range(options.pushes):
            change(machine, folder, turn, options.files)
            machine.run(command)
        for file in held:
            file.close()
        saved = machine.folder / "saved"
        shutil.copytree(cache, saved, symlinks=True)
        print("before  %4d packs, %d bytes" % packs(cache))
        costs = []
        for _ in range(ROUNDS):
            shutil.rmtree(cache)
            shutil.copytree(saved, cache, symlinks=True)
            with machine.ledger() as asked:
                costs.append(machine.run(plan))
        show("repack", costs, asked)
        print("after   %4d packs, %d bytes" % packs(cache))
        with machine.ledger() as asked:
            costs = [machine.run(plan) for _ in range(ROUNDS)]
        show("next", costs, asked[:len(asked) // ROUNDS])
        change(machine, folder, options.pushes, options.files)
        with machine.ledger() as asked:
            costs = [machine.run(command)]
        show("push", costs, asked)
        shutil.rmtree(cache)
        with machine.ledger() as asked:
            costs = [machine.run([*plan, "-v"])]
        show("refetch", costs, asked)


main()
