#!/usr/bin/env python3
"""One changed file, and none, deployed to a Space by spacesync and by what people use today, on one local Hub in one run.

    swift build -c release --static-swift-stdlib && Tests/Benchmarks/deploy.py [--rtt MS,… [--mbit N]] [--ours] [FILES:COMMITS[:KB[:url]] …]

FILES of KB kilobytes (2) in the source, COMMITS of history on the Space, each with a new version of one file. `url`: the
source lies behind a URL, on the same Hub, from where the peers clone it with depth 1 or fetch. `--rtt` puts a link of this
round-trip time (milliseconds) and rate (20 Mbit/s) between the commands and the Hub: see link.py. With several, as in
`--rtt 20,80,200 500:300:20`, each has its turn. At the end a table in Markdown shows them all. Default: 10:300 500:1
500:300 500:3000 500:300:40 500:300:2:url 10000:300.

Peers: a script around `git clone --depth 1`, one around a full clone, and `hf upload`; rsync copies the files. `--ours`
leaves them out. Cold: nothing is kept from before; warm: what each keeps (a cache, a clone). Wall time, CPU and memory are
the command's with its children's; requests and bytes are the Hub's count, and `Hub` is the time that it took to answer
them, which is in the wall. `in turn` counts, over a link, the exchanges that had to wait for each other: those that began
a round trip or more after another's end (on a busy machine ask for 200 ms: composing may take longer than a short round
trip). `down` and `up` are seen from the client."""

import argparse
import datetime
import shutil
import statistics

from workbench import ROOT, Machine, binary

HF = ROOT / ".build/peers/hf/bin/hf"
DOCKERFILE = "FROM python:3.12\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"
# To the nanosecond: what changes here is as long as before, and younger by less than a second.
SYNC = "rsync -a --modify-window=-1 --delete --exclude .git {source}/ {work}/"
CLONE = "if [ -d {work} ]; then cd {work} && git fetch -q --depth 1 origin main && git reset -q --hard FETCH_HEAD; " \
    "else git clone -q --depth 1 {url} {work}; fi"
COMMIT = "cd {work} && git add -A && (git diff --cached --quiet || (git commit -q -m deploy && git push -q origin HEAD:main))"


class Source:
    """What is deployed: a repository on this machine, or one behind a URL with a work tree that publishes to it."""

    def __init__(self, machine, files, size, is_remote):
        self.machine, self.url = machine, None
        self.folder = machine.folder / "source"
        if is_remote:
            machine.create("me/source")
            self.url = machine.remote("me/source")
            machine.run(["git", "clone", "-q", self.url, str(self.folder)])
        else:
            machine.run(["git", "init", "-q", str(self.folder)])
        self.fill(files, size)
        self.commit("First")

    def fill(self, files, size):
        (self.folder / "README.md").write_text("---\ntitle: Bench\nsdk: docker\n---\n# Bench\n")
        (self.folder / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
        (self.folder / "Dockerfile").write_text(DOCKERFILE)
        (self.folder / "app.py").write_text("print(0)\n")
        for number in range(files):
            folder = self.folder / f"data/{number % 100}"
            folder.mkdir(parents=True, exist_ok=True)
            lines = [f"{number * 7919 + line * 104729}" for line in range(110 * size)]
            (folder / f"{number}.txt").write_text("\n".join(lines))

    def commit(self, message):
        self.machine.run(["git", "add", "-A"], self.folder)
        self.machine.run(["git", "commit", "-q", "-m", message], self.folder)
        if self.url:
            self.machine.run(["git", "push", "-q", "origin", "HEAD:main"], self.folder)

    def change(self, number):
        (self.folder / "app.py").write_text(f"print({number})\n")
        self.commit(f"Change {number}")


class Peer:
    """A way to deploy a source to a Space of its own."""

    def __init__(self, machine, source, name):
        self.machine, self.source, self.name = machine, source, name
        self.space = f"me/{name}"
        self.work = machine.folder / f"work-{name}"
        # The source's files: its own, or those of a clone.
        self.files = machine.folder / f"files-{name}" if source.url else source.folder

    def deploy(self):
        raise NotImplementedError

    def verify(self):
        """That the Space holds what was to be deployed: a way that leaves it out is quick."""
        there = self.machine.api("GET", f"/spaces/{self.space}/resolve/main/app.py")
        if there != (self.source.folder / "app.py").read_bytes():
            raise SystemExit(f"{self.label}: the Space holds {there}")

    def forget(self):
        shutil.rmtree(self.work, ignore_errors=True)
        if self.source.url:
            shutil.rmtree(self.files, ignore_errors=True)

    def script(self, *parts, **environment):
        read = [CLONE.format(url=self.source.url, work=self.files)] if self.source.url else []
        shown = {"source": self.files, "work": self.work, "url": self.machine.remote(self.space)}
        text = " && ".join(read + [part.format(**shown) for part in parts])
        return self.machine.run(["sh", "-ec", text], **environment)


class Ours(Peer):
    label = "spacesync"

    def deploy(self):
        source = ["--source", self.machine.url + "/spaces/me/source"] if self.source.url else []
        return self.machine.run(
            [binary(), "push", self.space, "--no-wait", "-q", "--drift", "overwrite", *source], self.source.folder)

    def forget(self):
        shutil.rmtree(self.machine.home / ".cache/spacesync", ignore_errors=True)


class Shallow(Peer):
    label = "git clone --depth 1"

    def deploy(self):
        return self.script(CLONE, SYNC, COMMIT)


class Full(Peer):
    label = "git clone"

    def deploy(self):
        fetch = "if [ -d {work} ]; then cd {work} && git pull -q --ff-only; else git clone -q {url} {work}; fi"
        return self.script(fetch, SYNC, COMMIT)


class Upload(Peer):
    label = "hf upload"

    def deploy(self):
        command = f"{HF} upload {self.space} {{source}} . --repo-type space --exclude '.git/*' --commit-message deploy"
        return self.script(
            command, HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1")


def make_history(machine, peer, commits):
    """A Space with so many commits of a file that grows old."""
    machine.create(peer.space)
    bare = machine.folder / f"history-{peer.name}"
    machine.run(["git", "init", "-q", "--bare", str(bare)])
    stream = []
    for number in range(commits):
        body = "".join(f"line {line} of version {number}\n" for line in range(80))
        stream.append(
            f"commit refs/heads/main\ncommitter A <a@b> {1700000000 + number} +0000\ndata 2\nc\n"
            f"M 100644 inline notes.txt\ndata {len(body)}\n{body}\n")
    (bare / "stream").write_text("".join(stream))
    machine.run(["sh", "-c", "git fast-import --quiet < stream"], bare)
    machine.run(["git", "push", "-q", "--force", machine.remote(peer.space), "main"], bare)
    shutil.rmtree(bare)


def in_turn(asked, link):
    """The length of the longest chain of requests of which each may have needed the response to the one before."""
    if not link:
        return 0
    spans = []
    for request in asked:
        start = datetime.datetime.fromisoformat(request["time"].replace("Z", "+00:00")).timestamp()
        spans.append((start, start + request.get("seconds", 0)))
    longest = []
    for start, _ in sorted(spans):
        # A little less than a round trip, as the Hub's clock and the link's are two.
        before = [length for length, end in longest if start >= end + 0.9 * link[0] / 1000]
        longest.append((1 + max(before, default=0), next(e for s, e in spans if s == start)))
    return max((length for length, _ in longest), default=0)


def measure(peer, rounds, before):
    rows = []
    for number in range(rounds):
        before(number)
        with peer.machine.ledger() as asked:
            cost = peer.deploy()
        peer.verify()
        rows.append((cost, len(asked), sum(r["response_bytes"] for r in asked), sum(r["request_bytes"] for r in asked),
                     sum(r.get("seconds", 0) for r in asked), in_turn(asked, peer.machine.link)))
    return {
        "wall": statistics.median(row[0].wall for row in rows), "cpu": statistics.median(row[0].cpu for row in rows),
        "memory": max(row[0].memory for row in rows), "requests": statistics.median(row[1] for row in rows),
        "down": statistics.median(row[2] for row in rows), "up": statistics.median(row[3] for row in rows),
        "hub": statistics.median(row[4] for row in rows), "turns": statistics.median(row[5] for row in rows),
    }


def shown(count):
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} KB" if count >= 1e3 else f"{count:.0f} B"


def table(title, results):
    print(f"\n{title}")
    print(f"{'':<22}{'wall':>9}{'Hub':>9}{'CPU':>9}{'memory':>9}{'requests':>10}{'in turn':>9}{'down':>11}{'up':>11}")
    for label, row in results.items():
        print(f"{label:<22}{row['wall']:7.2f} s{row['hub']:7.2f} s{row['cpu']:7.2f} s{row['memory']:6.0f} MB"
              f"{row['requests']:10.0f}{row['turns'] or '–':>9}{shown(row['down']):>11}{shown(row['up']):>11}")
    ours, peers = results["spacesync"], [row for label, row in results.items() if label != "spacesync"]
    if not peers:
        return
    ratios = {key: min(row[key] for row in peers) / max(ours[key], 1e-6) for key in ("wall", "cpu", "memory", "down")}
    print("  the best peer takes " + ", ".join(f"{ratio:.1f}× the {key}" for key, ratio in ratios.items()))


CASES = ("cold", "warm", "nothing to do")


def floor(link, exchanges):
    """Seconds that nobody can do without: a connection takes two round trips, then come the exchanges that need each
    other's answers, and 20 ms."""
    return (2 + exchanges) * link[0] / 1000 + 0.02


def summary(runs):
    """One table for all links, in Markdown: [(link, {case: {label: row}})]."""
    print(f"\n| | {' | '.join(CASES)} |\n|{'---|' * (1 + len(CASES))}")
    for link, cases in runs:
        if link:
            print(f"| **{link[0]:g} ms, {link[1]:g} Mbit/s** |{' |' * len(CASES)}")
        for label in cases[CASES[0]]:
            rows = [cases[case][label] for case in CASES]
            cells = [f"{row['wall']:.2f} s, {row['requests']:.0f} requests, {row['cpu']:.2f} s CPU" for row in rows]
            print(f"| {label} | {' | '.join(cells)} |")
        if link:
            print("| lower bound | " + " | ".join(f"{floor(link, count):.2f} s" for count in (4, 2, 1)) + " |")


def run(files, commits, size=2, place="", rounds=3, link=None, alone=False):
    with Machine(link=link) as machine:
        source = Source(machine, files, size, place == "url")
        kinds = [Ours] if alone else [Ours, Shallow, Full] + ([Upload] if HF.exists() else [])
        peers = [kind(machine, source, kind.__name__.lower()) for kind in kinds]
        for peer in peers:
            make_history(machine, peer, commits)
            peer.deploy()
        title = f"{files} files of {size} KB{' behind a URL' if place else ''}, {commits} commits on the Space"
        title += f", {link[0]:g} ms and {link[1]:g} Mbit/s: " if link else ": "
        count = [0]

        def changed(peer, cold):
            def before(_):
                count[0] += 1
                source.change(count[0])
                if cold:
                    peer.forget()
            return before

        cases = {}
        for case in CASES[:2]:
            cases[case] = {peer.label: measure(peer, rounds, changed(peer, case == "cold")) for peer in peers}
            table(f"{title}one file changed, {case}", cases[case])
        # Each has to hold what the source holds now.
        for peer in peers:
            peer.deploy()
        idle = cases["nothing to do"] = {peer.label: measure(peer, rounds, lambda _: None) for peer in peers}
        table(title + "nothing to do, warm", idle)
        return cases


DEFAULT = ["10:300", "500:1", "500:300", "500:3000", "500:300:40", "500:300:2:url", "10000:300"]
parser = argparse.ArgumentParser()
parser.add_argument("--rtt", type=lambda text: [float(word) for word in text.split(",")])
parser.add_argument("--mbit", type=float, default=20)
parser.add_argument("--ours", action="store_true")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("cases", nargs="*", default=DEFAULT)
given = parser.parse_args()
if not given.ours and not shutil.which("rsync"):
    raise SystemExit("the peers' scripts use rsync: apt-get install rsync")
for words in given.cases:
    case = [int(word) if word.isdigit() else word for word in words.split(":")]
    links = [(rtt, given.mbit) for rtt in given.rtt] if given.rtt else [None]
    summary([(link, run(*case, rounds=given.rounds, link=link, alone=given.ours)) for link in links])
