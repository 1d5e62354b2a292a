#!/usr/bin/env python3
"""A week of passes in fast-forward, by one process: what it holds after so many of them.

    Tests/Benchmarks/passes.py [PASSES] [TARGETS]     (default 2000 4)

The source of the last target, behind a URL, gets a commit every tenth of the way."""

import pathlib
import subprocess
import sys
import time

from workbench import Machine, binary

FILES = {
    "app.py": "print(0)\n", "Dockerfile": "FROM python:3.12\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n",
    "README.md": "---\ntitle: Demo\nsdk: docker\n---\n", ".hub.json": "{\"build\": {\"seconds\": 0}}",
}


def make_source(machine):
    folder = machine.folder / "source"
    machine.create("me/source")
    machine.run(["git", "clone", "-q", machine.remote("me/source"), str(folder)])
    for name, text in FILES.items():
        (folder / name).write_text(text)
    publish(machine, folder, 0)
    return folder


def publish(machine, folder, number):
    (folder / "app.py").write_text(f"print({number})\n")
    machine.run(["git", "add", "-A"], folder)
    machine.run(["git", "commit", "-q", "--allow-empty", "-m", f"Change {number}"], folder)
    machine.run(["git", "push", "-q", "origin", "HEAD:main"], folder)


def look(machine, process, done):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    files = len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))
    cache = [file.stat().st_size for file in (machine.home / ".cache").rglob("*") if file.is_file()]
    print(f"{done} passes: {memory / 1024:.1f} MB, {files} open files, cache {sum(cache) / 1024:.0f} KB in {len(cache)}")


def main():
    passes = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    targets = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with Machine() as machine:
        folder = make_source(machine)
        conf, log = machine.folder / "spaces.conf", machine.folder / "log"
        conf.write_text("".join(
            f"[space \"me/t{number}\"]\n\tbranch = main\n\tcreate = true\n\tsource = "
            + (f"{machine.url}/spaces/me/source\n" if number == targets - 1 else f"{folder}-{number}\n")
            for number in range(targets)))
        for number in range(targets - 1):
            machine.run(["git", "clone", "-q", str(folder), f"{folder}-{number}"])
        process = subprocess.Popen(
            [binary(), "mirror", "--config", str(conf), "--every", "5ms", "--log", str(log)],
            env=machine.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for tenth in range(1, 11):
                while not log.exists() or log.read_text().count("\n") < passes * tenth // 10 * targets:
                    time.sleep(0.05)
                look(machine, process, passes * tenth // 10)
                publish(machine, folder, tenth)
        finally:
            process.terminate()
            process.wait()
        commits = machine.measure(["git", "--git-dir", str(machine.folder / f"hub/spaces/me/t{targets - 1}.git"), "rev-list",
                                   "--count", "main"])
        print(f"commits on the Space that moved: {commits.output.strip()}")


main()
