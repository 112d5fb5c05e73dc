"""`tunedeck demo`: a tiny real model and dataset, made here, and a training of them under way."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.following import follow
from app.cli.opening import add_runs_dir, complain, has_terminal
from app.config.dialect import resolve
from app.config.document import read
from app.machine.backend import installed_backends
from app.runs.demo import prepare_demo
from app.runs.folder import RunError, runs_directory
from app.runs.listing import live_run
from app.session.training import begin
from app.wire.run_folder import RunFolder


def add_arguments(parser: ArgumentParser) -> None:
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    """Attaches to the demo's run if one lives, else starts a new one."""
    runs_dir = runs_directory(args.runs_dir)
    print("Preparing the demo …", flush=True)
    try:
        file = prepare_demo()
        os.chdir(file.parent)  # its paths are relative, as a person's own would be
        folder = live_run(runs_dir, file) or begin_demo(file, runs_dir)
    except RunError as error:
        complain(error)
        return 1
    if has_terminal():
        return args.open_app(file, runs_dir, folder)
    return follow(folder, as_json=False)


def begin_demo(file: Path, runs_dir: Path) -> RunFolder:
    """A new run of the demo's file. Raises RunError."""
    document = read(file)
    # Else MLX compiles 33 kernels for the CPU before the first step: 16 s that a model this small never earns back
    uncompiled = {"MLX_DISABLE_COMPILE": "1"} if "cpu" in installed_backends() else {}
    config = resolve(document).config
    return begin(config, document.text, file, file.parent, runs_dir, overwrite=True, environment=uncompiled)
