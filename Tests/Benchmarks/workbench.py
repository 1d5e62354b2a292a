"""What the benchmarks share: a fresh machine, the local Hub, and commands whose cost is measured.

Nothing but Python's own library, git and the built binary; all traffic stays on loopback."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """The release binary, or the one that SPACESYNC names."""
    path = os.environ.get("SPACESYNC") or ROOT / ".build/release/spacesync"
    if not os.access(path, os.X_OK):
        raise SystemExit(f"{path} is not there: swift build -c release --static-swift-stdlib")
    return str(path)


class Cost:
    """What a command took: seconds on the clock, of CPU (with its children's), and its peak memory in MiB."""

    def __init__(self, wall, usage, status, output):
        self.wall, self.status, self.output = wall, status, output
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024


class Machine:
    """A home, a Hub, and a place to work in, gone afterwards. With a link, commands reach the Hub through it."""

    def __init__(self, hub_flags=(), link=None):
        """link: (round-trip time in milliseconds, Mbit/s), or None for loopback alone."""
        self.link = link
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spacesync-bench-", dir=os.environ.get("BENCH_DIR")))
        self.home = self.folder / "home"
        self.home.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "HF_TOKEN": "any", "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0", "no_proxy": "*",
        }
        self.flags = list(hub_flags)

    def __enter__(self):
        for key, value in {"user.name": "b", "user.email": "b@b", "init.defaultBranch": "main"}.items():
            self.run(["git", "config", "--global", key, value])
        self.hub = subprocess.Popen(
            [binary(), "hub", "--root", str(self.folder / "hub"), *self.flags], stdout=subprocess.PIPE,
            env=self.environment, text=True)
        self.direct = self.url = self.hub.stdout.readline().strip()
        self.line = None
        if self.link:
            rtt, mbit = self.link
            self.line = subprocess.Popen(
                [sys.executable, str(pathlib.Path(__file__).with_name("link.py")), "--to", self.direct.split(":")[-1],
                 "--rtt", str(rtt), "--mbit", str(mbit)], stdout=subprocess.PIPE, text=True)
            self.url = self.line.stdout.readline().strip()
        self.environment["HF_ENDPOINT"] = self.url
        return self

    def __exit__(self, *_):
        for process in filter(None, (self.line, self.hub)):
            process.terminate()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, cwd=None, **changing):
        """Runs to the end; a failure is the benchmark's."""
        cost = self.measure(command, cwd, **changing)
        if cost.status != 0:
            raise SystemExit(f"{command}: {cost.output}")
        return cost

    def measure(self, command, cwd=None, **changing):
        environment = {**self.environment, **changing}
        with tempfile.TemporaryFile() as output:
            start = time.monotonic()
            child = subprocess.Popen(
                command, cwd=cwd or self.folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.monotonic() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            return Cost(wall, usage, child.returncode, output.read().decode(errors="replace"))

    def remote(self, space):
        return self.url.replace("http://", "http://u:any@") + f"/spaces/{space}"

    def api(self, method, path, body=None):
        request = urllib.request.Request(
            self.direct + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer any", "Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            return answer.read()

    def create(self, space):
        self.api("POST", "/api/repos/create", {"type": "space", "name": space.split("/")[1], "sdk": "docker"})

    @contextlib.contextmanager
    def ledger(self):
        """The requests that were made inside."""
        self.api("DELETE", "/_hub/requests")
        asked = []
        yield asked
        asked += json.loads(self.api("GET", "/_hub/requests"))
