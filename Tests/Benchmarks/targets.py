#!/usr/bin/env python3
"""Many targets of few sources behind URLs, with nothing to do: what one pass costs.

    Tests/Benchmarks/targets.py [TARGETS] [SOURCES]     (default 200 20)"""

import subprocess
import sys

from workbench import Machine, binary

DOCKERFILE = "FROM python:3.12\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"


def make_source(machine, number):
    space, folder = f"me/source{number}", machine.folder / f"source{number}"
    machine.create(space)
    machine.run(["git", "clone", "-q", machine.remote(space), str(folder)])
    (folder / "Dockerfile").write_text(DOCKERFILE)
    for file in range(20):
        (folder / f"file{file}.txt").write_text(f"file {file} of source {number}\n" * 20)
    (folder / "app.py").write_text(f"print({number})\n")
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "-m", "First"], folder)
    machine.run(["git", "push", "-q", "origin", "HEAD:main"], folder)
    return f"{machine.url}/spaces/{space}"


def main():
    targets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with Machine() as machine:
        urls = [make_source(machine, number) for number in range(count)]
        conf = machine.folder / "spaces.conf"
        conf.write_text("".join(
            f"[space \"me/t{number}\"]\n\tsource = {urls[number % count]}\n\tcreate = true\n" for number in range(targets)))
        push = [binary(), "push", "--config", str(conf), "-q", "--yes"]
        first = machine.run(push + ["--no-wait"])
        print(f"first pass: {first.wall:.1f} s, {first.cpu:.1f} s CPU, {first.memory:.0f} MB")
        machine.run(push)
        with machine.ledger() as asked:
            idle = machine.run(push)
        print(f"nothing to do: {idle.wall:.2f} s, {idle.cpu:.2f} s CPU, {idle.memory:.0f} MB, {len(asked)} requests")


main()
