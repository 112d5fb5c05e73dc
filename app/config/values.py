"""Values of single parameters: typed text to value, value to text, and whether a value from YAML will do."""

import math
import re
from typing import Any

import yaml

from app.config import yaml_values
from app.config.numbers import number_text, tidy
from app.config.parameter import Kind, Parameter
from app.config.structures import LARGEST, check_structure
from app.config.yaml_write import block_text, flow_text

_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def parse_value(parameter: Parameter, text: str) -> Any:
    """The value a person means by `text`. Raises ValueError with one sentence that says how to mend it."""
    text = text.strip()
    if not text:
        return _nothing(parameter)
    value = _PARSERS[parameter.kind](parameter, text)
    if complaint := check_value(parameter, value):
        raise ValueError(complaint)
    return value


def show_value(parameter: Parameter, value: Any) -> str:
    """The text a form shows; `parse_value` reads it back as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if parameter.kind is Kind.NAMES:
        return ", ".join(value)
    return block_text(value) if isinstance(value, dict | list) else str(value)


def one_line(parameter: Parameter, value: Any) -> str:
    """Any value that YAML can give, wanted by its parameter or not: a number in quotes keeps them. `-` is nothing."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and parameter.kind in (Kind.TEXT, Kind.PATH, Kind.CHOICE):
        return value
    return flow_text(value)


def check_value(parameter: Parameter, value: Any) -> str | None:
    """Why a value, as YAML gave it, cannot stand: one sentence with the way out. None when it can."""
    if value is None:
        return None if parameter.optional else "A value is needed here."
    return _CHECKS[parameter.kind](parameter, value)


def _nothing(parameter: Parameter) -> Any:
    if parameter.optional:
        return None
    if parameter.kind is Kind.PATH:
        return ""
    raise ValueError(f"A value is needed here; mlx-lm's default is {show_value(parameter, parameter.default)}.")


def _parse_integer(parameter: Parameter, text: str) -> int:
    if re.fullmatch(r"[-+]?\d{1,30}", text):
        return int(text)
    number = _parse_number(parameter, text)
    if not number.is_integer():
        raise ValueError("Type a whole number, without a fraction.")
    return int(number)


def _parse_number(parameter: Parameter, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        example = number_text(parameter.default) if isinstance(parameter.default, int | float) else "1"
        raise ValueError(f"Type a number, such as {example}.") from None
    if not math.isfinite(number):
        raise ValueError("Type a finite number.")
    return tidy(number) if parameter.view else number


def _parse_switch(_: Parameter, text: str) -> bool:
    if text.lower() not in _SWITCHES:
        raise ValueError("Type true or false.")
    return _SWITCHES[text.lower()]


def _parse_choice(parameter: Parameter, text: str) -> str:
    return text.lower() if text.lower() in parameter.choices else text


def _parse_names(_: Parameter, text: str) -> Any:
    if text.startswith(("[", "- ")):
        return _parse_structure(_, text)
    return [name for name in re.split(r"[\s,]+", text) if name]


def _parse_structure(_: Parameter, text: str) -> Any:
    try:
        return yaml_values.load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"This is not valid YAML{line}: {getattr(error, 'problem', None) or error}.") from None
    except RecursionError:
        raise ValueError("This is nested too deeply.") from None


_PARSERS = {
    Kind.TEXT: lambda _, text: text,
    Kind.PATH: lambda _, text: text,
    Kind.INTEGER: _parse_integer,
    Kind.NUMBER: _parse_number,
    Kind.SWITCH: _parse_switch,
    Kind.CHOICE: _parse_choice,
    Kind.NAMES: _parse_names,
    Kind.STRUCTURE: _parse_structure,
}


def _check_text(_: Parameter, value: Any) -> str | None:
    if isinstance(value, str):
        return None
    if isinstance(value, dict | list):
        return "This wants text, not a structure; write one line of text."
    return "This wants text, and YAML reads something else here; put it in quotes."


def _check_integer(parameter: Parameter, value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return f"This wants a whole number and is read as {number_text(value)}; write {int(value)}."
    if isinstance(value, bool) or not isinstance(value, int):
        return _not_a_number(parameter, value, "a whole number")
    return _check_bounds(parameter, value)


def _check_number(parameter: Parameter, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _not_a_number(parameter, value, "a number")
    if not abs(value) <= LARGEST:
        return "This wants a finite number."
    return _check_bounds(parameter, value)


def _not_a_number(parameter: Parameter, value: Any, wanted: str) -> str:
    if isinstance(value, str):
        try:
            meant = show_value(parameter, parse_value(parameter, value))
        except ValueError:
            return f"This wants {wanted}, and {value[:60]!r} is text."
        return f"This wants {wanted}, and {value[:60]!r} is text; write {meant} without quotes."
    return f"This wants {wanted}."


def _check_bounds(parameter: Parameter, value: float) -> str | None:
    if value in parameter.forbidden:
        return f"{number_text(value)} makes mlx-lm fail; choose another number{_range(parameter)}."
    below = parameter.minimum is not None and value < parameter.minimum
    above = parameter.maximum is not None and value > parameter.maximum
    if below or above:
        return f"{number_text(value)} makes mlx-lm fail; choose a number{_range(parameter)}."
    return None


def _range(parameter: Parameter) -> str:
    bounds = []
    if parameter.minimum is not None:
        bounds.append(f"from {number_text(parameter.minimum)}")
    if parameter.maximum is not None:
        bounds.append(f"up to {number_text(parameter.maximum)}")
    if parameter.forbidden:
        bounds.append(f"but not {', '.join(number_text(value) for value in parameter.forbidden)}")
    return " " + " ".join(bounds) if bounds else ""


def _check_switch(_: Parameter, value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().lower() in _SWITCHES:
        meant = "true" if _SWITCHES[value.strip().lower()] else "false"
        return f'"{value.strip()}" in quotes is text, which mlx-lm takes for true; write {meant} without quotes.'
    return "This wants true or false, without quotes."


def _check_choice(parameter: Parameter, value: Any) -> str | None:
    return None if value in parameter.choices else f"This wants one of {', '.join(parameter.choices)}."


def _check_names(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        return "This wants a list of names, such as [self_attn.q_proj, self_attn.v_proj]."
    return "An empty list trains nothing; name modules, or leave it out for all." if not value else None


_CHECKS = {
    Kind.TEXT: _check_text,
    Kind.PATH: _check_text,
    Kind.INTEGER: _check_integer,
    Kind.NUMBER: _check_number,
    Kind.SWITCH: _check_switch,
    Kind.CHOICE: _check_choice,
    Kind.NAMES: _check_names,
    Kind.STRUCTURE: lambda parameter, value: check_structure(parameter.key, value),
}
