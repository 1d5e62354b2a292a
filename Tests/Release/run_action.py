#!/usr/bin/env python3
"""Runs the steps of a composite Action, as GitHub's runner does.

    run_action.py ACTION STATE [INPUT=VALUE]...

ACTION is the directory with action.yml. STATE is a directory that is kept between runs: its `cache` is that of
actions/cache, its `outputs.json` has the outputs of the Action, `summary` the summaries, and `path` what was added to
PATH. The working directory is the workspace of the job, and the environment is that of the job.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

action_directory, state = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
action = yaml.safe_load((action_directory / "action.yml").read_text())
given = dict(argument.split("=", 1) for argument in sys.argv[3:])
unknown = set(given) - set(action["inputs"])
if unknown:
    print(f"::warning::Unexpected input(s) {sorted(unknown)}", flush=True)
contexts = {
    "inputs": {name: given.get(name, value.get("default", "")) for name, value in action["inputs"].items()},
    "github": {
        "action_repository": os.environ.get("TEST_ACTION_REPOSITORY", ""),
        "action_ref": os.environ.get("TEST_ACTION_REF", ""),
    },
    "steps": {},
}


def value_of(reference):
    """The value of a reference such as `steps.deploy.outputs.commit`; one that does not exist is empty."""
    value = contexts
    for name in reference.split("."):
        value = value.get(name, {}) if isinstance(value, dict) else {}
    return value if isinstance(value, str) else ""


def evaluate(text):
    """Replaces expressions: references, and `||` between them."""

    def replace(match):
        references = [reference.strip() for reference in match[1].split("||")]
        assert all(re.fullmatch(r"[\w.-]+", reference) for reference in references), match[0]
        return next((value for value in map(value_of, references) if value), "")

    return re.sub(r"\$\{\{(.*?)\}\}", replace, str(text))


def outputs_in(text):
    """The values of a command file: NAME=VALUE, or NAME<<END with lines."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        if heredoc := re.match(r"([\w-]+)<<(.+)$", line):
            block = []
            while (part := next(lines)) != heredoc[2]:
                block.append(part)
            outputs[heredoc[1]] = "\n".join(block)
        elif line:
            name, value = line.split("=", 1)
            outputs[name] = value
    return outputs


def run(step, scratch):
    """Runs one `run` step. Returns its exit status."""
    assert step["shell"] == "bash", "a composite Action names the shell of each step"
    files = {name: scratch / name for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "script"]}
    for file in files.values():
        file.write_text("")
    files["script"].write_text(evaluate(step["run"]))
    environment = dict(os.environ, GITHUB_ACTIONS="true", GITHUB_ACTION_PATH=str(action_directory))
    environment |= {name: str(file) for name, file in files.items() if name != "script"}
    environment["RUNNER_TEMP"] = str(scratch)
    environment |= {name: evaluate(value) for name, value in step.get("env", {}).items()}
    shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(files["script"])]
    status = subprocess.run(shell, env=environment).returncode
    contexts["steps"][step.get("id", "")] = {"outputs": outputs_in(files["GITHUB_OUTPUT"].read_text())}
    for name, file in {"summary": "GITHUB_STEP_SUMMARY", "path": "GITHUB_PATH"}.items():
        with (state / name).open("a") as target:
            target.write(files[file].read_text())
    return status


def cache(step):
    """Restores the path of actions/cache. Returns what saves it after the job."""
    path, key = pathlib.Path(evaluate(step["with"]["path"])), evaluate(step["with"]["key"])
    stored = state / "cache" / key
    if stored.exists():
        shutil.copytree(stored, path)
        return lambda: None
    return lambda: shutil.copytree(path, stored)


state.mkdir(parents=True, exist_ok=True)
with tempfile.TemporaryDirectory() as directory:
    scratch, status, after = pathlib.Path(directory), 0, []
    for step in action["runs"]["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"actions/cache@[0-9a-f]{40}", step["uses"]), step["uses"]
            after.append(cache(step))
        else:
            status = run(step, scratch)
        if status:
            break
    if status == 0:
        for save in after:
            save()
outputs = {name: evaluate(output["value"]) for name, output in action["outputs"].items()}
(state / "outputs.json").write_text(json.dumps(outputs))
sys.exit(status)
