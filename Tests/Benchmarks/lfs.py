#!/usr/bin/env python3
"""One large object from a source's LFS store to a Space, by spacesync and by git-lfs, in one run.

    swift build -c release --static-swift-stdlib && Tests/Benchmarks/lfs.py [MiB] [rounds]

Prints wall time, rate, CPU and peak memory of each, and their ratio. Exits 1 where spacesync is slower than git-lfs
(medians), or takes 80 MB of memory or more."""

import statistics
import sys

from workbench import ROOT, Machine, binary

HF = ROOT / ".build/peers/hf/bin/hf"

DOCKERFILE = b"FROM python:3.12\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"


def source(machine, name, size):
    """A repository with one LFS object of so many MiB, different each time."""
    folder = machine.folder / name
    machine.run(["git", "init", "-q", str(folder)])
    machine.run(["git", "lfs", "install", "--local"], folder)
    machine.run(["git", "lfs", "track", "*.bin"], folder)
    (folder / "Dockerfile").write_bytes(DOCKERFILE)
    (folder / "README.md").write_text("---\nsdk: docker\n---\n")
    machine.run(["sh", "-c", f"head -c {size << 20} /dev/urandom > model.bin"], folder)
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "-m", "One"], folder)
    return folder


def by_spacesync(machine, folder, space, *flags):
    machine.create(space)
    return machine.run([binary(), "push", space, "--no-wait", *flags], folder)


def by_git_lfs(machine, folder, space):
    machine.create(space)
    # As `git push` does it, without the commits: those cost git-lfs nothing.
    return machine.run(["git", "lfs", "push", machine.remote(space), "main"], folder)


def by_agent(machine, folder, space):
    """git-lfs sends in parts only through the Hub's own agent."""
    machine.create(space)
    agent = ["-c", f"lfs.customtransfer.multipart.path={HF}", "-c", "lfs.customtransfer.multipart.args=lfs-multipart-upload"]
    return machine.run(["git", *agent, "lfs", "push", machine.remote(space), "main"], folder)


def from_server_by_spacesync(machine, name, space):
    """The source is behind a URL: its object comes from a server."""
    machine.create(space)
    return machine.run([binary(), "push", space, "--no-wait", "--source", machine.remote(name)])


def from_server_by_git_lfs(machine, name, space, folder):
    machine.create(space)
    script = (
        f"git clone -q --depth 1 {machine.remote(name)} {folder} && cd {folder} && "
        f"git lfs push {machine.remote(space)} main")
    return machine.run(["sh", "-c", script])


def row(label, size, costs):
    wall = statistics.median(cost.wall for cost in costs)
    memory = max(cost.memory for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    print(f"{label:<34} {wall:7.2f} s  {size / wall:7.0f} MiB/s  {cpu:6.2f} s CPU  {memory:6.0f} MB")
    return wall, memory


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    failed = False
    for parts in (False, True):
        with Machine(["--part-size", "64M" if parts else "100G"]) as machine:
            machine.run(["git", "lfs", "install", "--skip-repo"])
            print(f"one object of {size} MiB, {'offered in parts' if parts else 'in one piece'}")
            folder = source(machine, "source", size)
            ours = [by_spacesync(machine, folder, f"me/ours{n}") for n in range(rounds)]
            pushes = by_agent if parts and HF.exists() else by_git_lfs
            theirs = [pushes(machine, folder, f"me/theirs{n}") for n in range(rounds)]
            wall, memory = row("spacesync, from lfs/objects", size, ours)
            other, _ = row("git lfs push" + (", with hf's agent" if pushes is by_agent else ""), size, theirs)
            print(f"  ratio {other / wall:.2f}")
            failed |= wall > other or memory >= 80
            mine = [from_server_by_spacesync(machine, "me/ours0", f"me/far{n}") for n in range(rounds)]
            git = [from_server_by_git_lfs(machine, "me/ours0", f"me/git{n}", f"clone{n}") for n in range(rounds)]
            wall, memory = row("spacesync, from an LFS server", size, mine)
            other, _ = row("git clone --depth 1, git lfs push", size, git)
            print(f"  ratio {other / wall:.2f}")
            failed |= wall > other or memory >= 80
    sys.exit(1 if failed else 0)


main()
