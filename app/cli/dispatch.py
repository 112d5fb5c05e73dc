"""`tunedeck`: which command is meant, and its exit code.

Exit codes: 0 done, 1 a run failed or died, 2 unusable input, 3 a run was stopped before its end (adapter saved). Those
of `check`, `estimate` and `fit` are a verdict's, and `data` has its own, as they say themselves.
"""

import sys
from importlib import import_module
from pathlib import Path

from app import __version__
from app.cli.opening import OpenApp, complain

COMMANDS = {
    "train": "train a file without a screen",
    "runs": "list the runs on this machine",
    "attach": "watch a run",
    "stop": "stop a run, its adapter saved",
    "pause": "stop a run for a while, all its memory freed",
    "resume": "let a run go on that was paused, stopped or cut off",
    "queue": "line files up, to train one after another",
    "check": "say what is wrong with a file, where, and how to mend it",
    "estimate": "say what a file's training needs of memory, and whether a machine has it",
    "fit": "find what makes a file's training fit a machine, at which price",
    "data": "look at a dataset: odd rows, lengths in tokens, any row as the model sees it; split it",
    "resolve": "show what a file trains, and what stock mlx-lm would make of it",
    "convert": "write a file in the other dialect",
    "presets": "list the presets, what each sets and why",
    "apply": "write a preset's values into a file, and say what that changes and why",
    "demo": "build a tiny model and dataset, and train on them",
}
"""Each is a module of this folder with `add_arguments(parser)` and `run(args)`."""

EPILOG = "commands:\n" + "\n".join(f"  {name:<9} {help}" for name, help in COMMANDS.items())


def dispatch(arguments: list[str], open_app: OpenApp) -> int:
    """Runs the command that `arguments` name, or opens the app on a file. Returns the exit code.

    `open_app` comes from outside, since commands may not import the screens.
    """
    name = arguments[0] if arguments and arguments[0] in COMMANDS else "app"
    if name == "app" and (meant := _meant(arguments)):
        return complain(f"There is no command or file {arguments[0]}; did you mean tunedeck {meant}?")
    if name == "app" and len(arguments) <= 1 and not any(argument.startswith("-") for argument in arguments):
        from app.cli.edit import edit

        return edit(Path(arguments[0]) if arguments else None, None, open_app)
    return _dispatch_parsed(name, arguments, open_app)


def _dispatch_parsed(name: str, arguments: list[str], open_app: OpenApp) -> int:
    import argparse  # 4 ms, which the first paint of a plain `tunedeck FILE` need not wait for

    module = import_module(f"app.cli.{'edit' if name == 'app' else name}")
    if name == "app":
        parser = argparse.ArgumentParser(
            prog="tunedeck",
            description="Configure, check, run and watch an MLX LoRA fine-tuning. Without a command: the app.",
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--version", action="version", version=f"tunedeck {__version__}")
    else:
        parser = argparse.ArgumentParser(prog=f"tunedeck {name}", description=COMMANDS[name].capitalize() + ".")
        arguments = arguments[1:]
    module.add_arguments(parser)
    args = parser.parse_args(arguments)
    args.open_app = open_app
    try:
        return module.run(args)
    except BrokenPipeError:
        sys.stderr.close()  # else Python complains once more while it ends
        return 0


def _meant(arguments: list[str]) -> str | None:
    """The command that a word which names no file was probably meant to be."""
    if not arguments or arguments[0].startswith("-") or Path(arguments[0]).suffix:
        return None
    try:
        if Path(arguments[0]).exists():
            return None
    except OSError:  # too long for a name
        return None
    from difflib import get_close_matches

    return next(iter(get_close_matches(arguments[0], COMMANDS, n=1, cutoff=0.7)), None)
