#!/usr/bin/env python3
"""Runs the commands of hooks/Containerfile in a root file system, as no registry is needed for that.

    containerfile.py CONTAINERFILE CONTEXT ROOT

Both stages begin with the same image, ROOT. The files of the first one are removed before the second one.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

containerfile, context, root = (pathlib.Path(argument) for argument in sys.argv[1:])
text = re.sub(r"^#.*\n", "", containerfile.read_text(), flags=re.M).replace("\\\n", " ")
directory, stages, saved = pathlib.PurePath("/"), [], root.parent / "saved"


def inside(path):
    return root / str(directory / path).lstrip("/")


def run(arguments):
    """Runs a RUN line, with the files of its bind mounts."""
    mounts = []
    while match := re.match(r"--mount=(\S+)\s+", arguments):
        options = dict(option.split("=", 1) for option in match[1].split(","))
        assert options["type"] == "bind" and options["from"] == stages[0], match[0]
        shutil.copy(saved / options["source"].lstrip("/"), inside(options["target"]))
        mounts.append(inside(options["target"]))
        arguments = arguments[match.end():]
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    script = ["/bin/sh", "-c", f'cd "{directory}" && {arguments}']
    subprocess.run(["chroot", root, *script], env=environment, check=True, stdout=subprocess.DEVNULL)
    for mount in mounts:
        mount.unlink()


for line in filter(None, map(str.strip, text.splitlines())):
    instruction, arguments = line.split(None, 1)
    print(f"> {line}"[:110], flush=True)
    if instruction == "FROM":
        if stages:
            # What the next stage takes from this one is in the root directory.
            saved.mkdir()
            for file in root.iterdir():
                if file.is_file() and not file.is_symlink():
                    shutil.move(file, saved / file.name)
            shutil.rmtree(inside("."))
        directory = pathlib.PurePath("/")
        stages.append(arguments.split()[-1])
    elif instruction == "WORKDIR":
        directory = directory / arguments
        inside(".").mkdir(parents=True, exist_ok=True)
    elif instruction == "COPY":
        *patterns, target = arguments.split()
        for file in [file for pattern in patterns for file in context.glob(pattern)]:
            shutil.copy(file, inside(target))
    elif instruction == "RUN":
        run(arguments)
    else:
        assert instruction in ["USER", "ENV", "ENTRYPOINT"], line
shutil.rmtree(saved)
