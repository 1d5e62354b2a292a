#!/usr/bin/env python3
"""Many targets of few sources behind URLs: what a pass costs that finds nothing to do, and one that finds changes.

    Tests/Benchmarks/targets.py [--rtt MS [--mbit N]] [--rounds N] [TARGETS] [SOURCES]     (default 200 20)

`--rtt` puts a link of this round-trip time (milliseconds) and rate (20 Mbit/s) between the passes and the Hub, where the
sources are, too: see link.py. "One source changed" changes the targets of one source, "changed here and there" as many of
different sources. Builds take no time. Passes are those of `mirror`, which does not wait for them with --no-wait."""

import argparse
import statistics

from workbench import Machine, binary

DOCKERFILE = "FROM python:3.12\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"


def make_source(machine, number):
    space, folder = f"me/source{number}", machine.folder / f"source{number}"
    machine.create(space)
    machine.run(["git", "clone", "-q", machine.remote(space).replace(machine.url[7:], machine.direct[7:]), str(folder)])
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".hub.json").write_text("{\"build\": {\"seconds\": 0}}")
    for file in range(20):
        (folder / f"file{file}.txt").write_text(f"file {file} of source {number}\n" * 20)
    publish(machine, folder, 0)
    return folder


def publish(machine, folder, number):
    (folder / "app.py").write_text(f"print({number})\n")
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "-m", f"Change {number}"], folder)
    machine.run(["git", "push", "-q", "origin", "HEAD:main"], folder)


def show(machine, label, rounds, command, before=lambda: None):
    costs = []
    for _ in range(rounds):
        before()
        with machine.ledger() as asked:
            costs.append(machine.run(command))
    wall, cpu = statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs)
    memory = max(cost.memory for cost in costs)
    print(f"{label:<34}{wall:6.2f} s{cpu:7.2f} s CPU{memory:5.0f} MB{len(asked):6} requests", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rtt", type=float)
    parser.add_argument("--mbit", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("targets", type=int, nargs="?", default=200)
    parser.add_argument("sources", type=int, nargs="?", default=20)
    given = parser.parse_args()
    targets, count = given.targets, given.sources
    with Machine(link=(given.rtt, given.mbit) if given.rtt else None) as machine:
        folders = [make_source(machine, number) for number in range(count)]
        conf = machine.folder / "spaces.conf"
        conf.write_text("".join(
            f"[space \"me/t{number}\"]\n\tsource = {machine.url}/spaces/me/source{number % count}\n\tcreate = true\n"
            for number in range(targets)))
        mirror = [binary(), "mirror", "--config", str(conf)]
        changes = iter(range(1, 1_000_000))

        def change(*numbers):
            return lambda: [publish(machine, folders[number], next(changes)) for number in numbers]

        print(f"{targets} targets of {count} sources"
              + (f", {given.rtt:g} ms and {given.mbit:g} Mbit/s" if given.rtt else ""))
        # A pass makes no more than 120 commits in an hour.
        push = [binary(), "push", "--config", str(conf), "-q", "--yes"]
        show(machine, "first push, not followed", 1, push + ["--no-wait"])
        machine.run(push)
        machine.run(mirror)
        show(machine, "nothing to do", given.rounds, mirror)
        show(machine, "nothing to do (push)", given.rounds, push)
        show(machine, "one source changed, not followed", given.rounds, mirror + ["--no-wait"], change(0))
        show(machine, "one source changed, followed", given.rounds, mirror, change(1 % count))
        several = list(range(min(count, max(1, targets // count))))
        rest = [f"me/t{number}" for number in range(targets) if number not in several]

        # The others of these sources are brought to the same state before, so that only one target of each changes.
        def change_several():
            change(*several)()
            machine.run(push + rest)

        machine.run(push)
        show(machine, f"{len(several)} changed here and there", given.rounds, mirror, change_several)


main()
