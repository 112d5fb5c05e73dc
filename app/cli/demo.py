"""`tunedeck demo`: a tiny real model and dataset, made here, and a training of them under way."""

import os
from argparse import ArgumentParser, Namespace

from app.cli.following import follow
from app.cli.opening import add_runs_dir, complain, has_terminal
from app.runs.demo import prepare_demo
from app.runs.folder import RunError, runs_directory
from app.runs.listing import live_run
from app.session.demo import begin_demo


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
