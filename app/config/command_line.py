"""The same training as an `mlx_lm.lora` command line, as far as its flags reach."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config.config import READ_WHERE_PRESENT, Config
from app.config.numbers import number_text
from app.config.parameter import Kind, Parameter
from app.config.registry import PARAMETERS
from app.config.stock import alike

_PROGRAM = "mlx_lm.lora"
_ALWAYS = ("model", "data")
"""Written even where they are mlx-lm's defaults, which nobody means by leaving them out."""


@dataclass(frozen=True)
class CommandLine:
    """`text` is one line for a shell. `unsaid` are the parameters that differ from mlx-lm's defaults and that no flag
    can say: with any, the line trains something else than the configuration."""

    text: str
    unsaid: tuple[str, ...]


def command_line(config: Config) -> CommandLine:
    """The flags for all that differs from mlx-lm's defaults, and for model and data."""
    words, unsaid = [_PROGRAM], []
    for parameter in PARAMETERS:
        value = config.values[parameter.key]
        if parameter.view or (alike(value, parameter.default) and parameter.key not in _ALWAYS):
            continue
        if _has_flag(parameter, value):
            words += _flag(parameter, value)
        else:
            unsaid.append(parameter.key)
    return CommandLine(" ".join(map(_quoted, words)), tuple(unsaid))


def file_command(path: Path) -> str:
    """The short command line, which trains what a file says."""
    text = str(path)
    return " ".join((_PROGRAM, "-c", _quoted(f"./{text}" if text.startswith("-") else text)))


def _has_flag(parameter: Parameter, value: Any) -> bool:
    """mlx_lm/lora.py, `build_parser`: scalars at the top of a file have one, but for what it reads by getattr.

    Its parser of sizes, for clear_cache_threshold, knows no sign.
    """
    if "." in parameter.key or parameter.kind is Kind.STRUCTURE or parameter.key in READ_WHERE_PRESENT:
        return False
    return parameter.key != "clear_cache_threshold" or value >= 0


def _flag(parameter: Parameter, value: Any) -> list[str]:
    flag = "--" + parameter.key.replace("_", "-")
    if parameter.kind is Kind.SWITCH:
        return [flag]  # every default is false, so this one is true
    text = value if isinstance(value, str) else number_text(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]  # argparse takes -1e-5 for a flag


def _quoted(word: str) -> str:
    """Quoted for a POSIX shell; with the `$''` of bash and zsh where control characters are inside.

    As they are, they would reach the shell that the line is pasted into: a newline, or the end of a bracketed
    paste, in a model's name from somebody's file would run what comes after it.
    """
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_escaped, word)) + "'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character.isprintable():
        return character
    # A path's byte that is no text is a surrogate of its own; YAML can hold any other.
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors=errors))
