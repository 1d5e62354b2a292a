#!/usr/bin/env python3
"""What following a log costs: CPU and memory of `watch` for a build log of so many lines a second, beside a run whose
log is silent.

    Tests/Benchmarks/logs.py [LINES A SECOND] [SECONDS]     (default 6000 20)

The share is CPU time by time on the clock: 1 would be a full core. It fails at half a core."""

import json
import sys

from workbench import Machine, binary

FILES = {
    "app.py": "print(0)\n", "Dockerfile": "FROM python:3.12\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n",
    "README.md": "---\ntitle: Demo\nsdk: docker\n---\n", ".hub.json": "{\"build\": {\"seconds\": 3600}}",
}
LINE = "data: " + json.dumps(
    {"data": "Collecting package (from requirements.txt, line 12), 1.2 MB at 30 MB/s\n", "timestamp": "2026-01-01T00:00:00Z"}
) + "\n\n"


def main():
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with Machine() as machine:
        folder = machine.folder / "source"
        machine.run(["git", "init", "-q", str(folder)])
        for name, text in FILES.items():
            (folder / name).write_text(text)
        machine.run(["git", "add", "-A"], folder)
        machine.run(["git", "commit", "-q", "-m", "Say hello"], folder)
        machine.run([binary(), "push", "me/demo", "--create", "--yes", "--no-wait"], folder)
        shares = []
        for lines in (1, rate):
            machine.api("DELETE", "/_hub/faults")
            machine.api(
                "POST", "/_hub/faults", {"path": "/logs/build", "times": -1, "flood": LINE, "flood_rate": lines})
            cost = machine.measure([binary(), "watch", "me/demo", "--timeout", f"{seconds}s"])
            shown = cost.output.count("build | ")
            shares.append(cost.cpu / cost.wall)
            print(
                f"{lines} lines a second: {shown} shown in {cost.wall:.1f} s, {cost.cpu:.2f} s of CPU "
                f"({shares[-1]:.2f} of a core), {cost.memory:.0f} MiB, exit {cost.status}")
        if shares[-1] > 0.5:
            raise SystemExit(f"more than half a core: {shares[-1]:.2f}")


if __name__ == "__main__":
    main()
