"""What is about to be trained, parameter by parameter, for the eye that looks once more."""

from dataclasses import dataclass
from typing import Any

from app.config.config import Config
from app.config.dialect import resolve
from app.config.document import Document
from app.config.parameter import Parameter
from app.config.registry import PARAMETERS
from app.config.stock import alike, stock, stock_value
from app.config.values import one_line
from app.wire.text import printable


@dataclass(frozen=True)
class ReviewLine:
    """One parameter. Texts are one line each and safe to print; `-` is nothing."""

    key: str
    value: str
    origin: str
    """default, file, preset or typed."""
    differs_from_file: bool
    """Whether the file says something else until it is saved; False where there is no file."""
    stock: str | None
    """What plain mlx-lm would train from the file as it is now; None where that is the same, or where it has no such
    key (`lora_alpha`, `use_dora`), and without a file."""


def review_lines(config: Config, on_disk: Document | None) -> tuple[ReviewLine, ...]:
    """A line for every parameter, in the registry's order. `on_disk` is the file read now; None where there is none."""
    theirs = stock(on_disk).config if on_disk else None
    in_file = resolve(on_disk).config.values if on_disk else config.values
    return tuple(
        ReviewLine(
            key=parameter.key,
            value=printable(one_line(parameter, value := config.values[parameter.key])),
            origin=config.origins[parameter.key].value,
            differs_from_file=not alike(value, in_file[parameter.key]),
            stock=None if parameter.view else _differing(parameter, theirs, value),
        )
        for parameter in PARAMETERS
    )


def _differing(parameter: Parameter, theirs: dict[str, Any] | None, value: Any) -> str | None:
    if theirs is None or alike(value, other := stock_value(theirs, parameter.key)):
        return None
    return printable(one_line(parameter, other))
