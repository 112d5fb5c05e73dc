"""One setting of a preset, written as a bare value, as `{value, why}` or as `{range, take, why}`."""

import re
from dataclasses import dataclass
from typing import Any

from app.config import values
from app.config.claims import Claim
from app.config.numbers import number_text
from app.config.parameter import Kind
from app.config.registry import BY_KEY
from app.config.values import check_value

LARGEST = "largest-that-fits"

ASKS_MEMORY = ("batch_size", "max_seq_length")
"""Parameters of which more takes more memory all the way up, so that the largest that fits is one number."""

_RANGED = (Kind.INTEGER, Kind.NUMBER)
_FIELDS = ("value", "range", "take", "why")


@dataclass(frozen=True)
class Setting:
    """One parameter that a preset sets. `value` is what it sets without asking: of a range, one in it."""

    key: str
    value: Any
    why: str = ""
    range: tuple[float, float] | None = None
    """Both ends included; None where there is but one value."""
    largest_that_fits: bool = False
    """The largest of the range for which memory suffices is wanted; `value` is then the low end."""
    line: int | None = None


def setting(claim: Claim) -> Setting:
    """What an entry of a preset says. Raises ValueError with one sentence; single values are checked elsewhere."""
    item = claim.value
    if not isinstance(item, dict) or (BY_KEY[claim.key].kind is Kind.STRUCTURE and not is_setting(item)):
        return _single(claim, item, "")
    for name in item:
        if name not in _FIELDS:
            raise ValueError(f"{name} is none of {', '.join(_FIELDS)}, which a setting has; remove or rename it.")
    if ("value" in item) == ("range" in item):
        raise ValueError("A setting has either value or range; write one of them.")
    why = item.get("why", "")
    if not isinstance(why, str):
        raise ValueError("why wants text; put it in quotes.")
    if "range" in item:
        return _ranged(claim, item["range"], item.get("take"), why)
    if "take" in item:
        raise ValueError("take chooses from a range; leave it out beside value.")
    return _single(claim, item["value"], why)


def one_line(key: str, value: Any) -> str:
    """A value as a list of settings or changes shows it."""
    return "nothing" if value is None else values.one_line(BY_KEY[key], value)


def is_setting(item: Any) -> bool:
    """Whether a mapping is a setting, and not the value of a parameter that is itself a mapping."""
    return isinstance(item, dict) and "value" in item and set(item) <= set(_FIELDS)


def _single(claim: Claim, value: Any, why: str) -> Setting:
    """YAML's nothing is a value here: it takes back what was set. In a configuration it says nothing."""
    parameter = BY_KEY[claim.key]
    if value is None and (complaint := check_value(parameter, None)):
        raise ValueError(complaint)
    if parameter.kind in _RANGED and isinstance(value, str) and (ends := re.fullmatch(r"([\d.]+) ?- ?([\d.]+)", value)):
        raise ValueError(f"A range is written {{range: [{ends[1]}, {ends[2]}], take: low}}.")
    return Setting(claim.key, value, why, line=claim.line)


def _ranged(claim: Claim, ends: Any, take: Any, why: str) -> Setting:
    parameter = BY_KEY[claim.key]
    if parameter.kind not in _RANGED:
        raise ValueError("Only a number has a range; write value instead.")
    if not isinstance(ends, list) or len(ends) != 2:
        raise ValueError("range wants its two ends, such as [512, 1024].")
    for end in ends:
        if complaint := check_value(parameter, end):
            raise ValueError(f"range: {complaint}")
    low, high = ends
    if low >= high:
        raise ValueError("range wants the lower end first, such as [512, 1024].")
    if take == LARGEST and claim.key not in ASKS_MEMORY:
        raise ValueError(f"{LARGEST} is for {' and '.join(ASKS_MEMORY)}; take low, high or a number of the range.")
    value = {LARGEST: low, "low": low, "high": high}.get(take, take) if isinstance(take, str) else take
    if check_value(parameter, value) or not low <= value <= high:
        words = ", ".join(["low", "high", *([LARGEST] if claim.key in ASKS_MEMORY else [])])
        raise ValueError(f"take wants {words} or a number from {number_text(low)} to {number_text(high)}.")
    return Setting(claim.key, value, why, (low, high), take == LARGEST, claim.line)
