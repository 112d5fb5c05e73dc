"""Names that plain mlx-lm takes for something else. Tunedeck's own trainer does not."""

import re
from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding
from app.checks.surroundings import Standing

_CLOSING_TAG = re.compile(r"\[/[^\[\]]*\]")
_PATTERN = re.compile(r"\[[^/\]]+\]")


def name_as_markup(context: Context) -> Iterator[Finding]:
    for key in ("model", "data"):
        if found := _CLOSING_TAG.search(str(context.values[key])):
            yield Finding(
                "warning",
                "name-as-markup",
                (key,),
                f"Plain mlx-lm fails on the {found.group()} in {key}, which its header takes for markup: rename the"
                " folder if you train with it.",
                "It prints model and data as markup, after the model has loaded; Tunedeck does not.",
            )


def name_as_pattern(context: Context) -> Iterator[Finding]:
    name, around = str(context.values["model"]), context.surroundings
    if around is not None and around.model.standing is Standing.FOLDER and (found := _PATTERN.search(name)):
        yield Finding(
            "warning",
            "name-as-pattern",
            ("model",),
            f"Plain mlx-lm takes the {found.group()} in the model folder's name for a pattern and finds no weights:"
            " rename the folder if you train with it.",
            "It looks for the weights with glob; Tunedeck does not.",
        )
