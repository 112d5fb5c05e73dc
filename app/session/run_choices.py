"""The run options that a person has chosen, kept with the app's other settings."""

from collections.abc import Mapping
from dataclasses import asdict

from app.session.settings import Choice
from app.wire.run_options import RunOptions, options_from

_PREFIX = "run_"


def chosen_options(window: Mapping[str, Choice]) -> RunOptions:
    """What was chosen; everything off where nothing was."""
    return options_from({name.removeprefix(_PREFIX): value for name, value in window.items()})


def as_choices(options: RunOptions) -> dict[str, Choice]:
    return {_PREFIX + name: value for name, value in asdict(options).items()}
