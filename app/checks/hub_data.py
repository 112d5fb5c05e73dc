"""What `hf_dataset` takes of a dataset on the hub: which splits, by mlx-lm's defaults where none are named."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.checks.context import Context
from app.checks.finding import Finding, Fix

TRAIN, VALID = "train[:80%]", "train[-10%:]"
"""mlx_lm/tuner/datasets.py, `load_custom_hf_dataset`."""

_SPLIT = re.compile(r"([\w.-]+)(?:\[(?:(-?\d+)%)?:(?:(-?\d+)%)?\])?")
"""A split, or a slice of it in percent; others (rows, sums of splits) are not judged."""


def validation_in_training(context: Context) -> Iterator[Finding]:
    for one in _datasets(context) if context.values["train"] else ():
        train, valid = one.get("train_split", TRAIN), one.get("valid_split", VALID)
        if _overlap(train, valid):
            mended = {**one, "train_split": "train[:90%]", "valid_split": VALID}
            yield Finding(
                "warning",
                "validation-split-in-training",
                ("hf_dataset",),
                f"hf_dataset trains on {train} and validates on {valid}, which it has in common, so the validation loss"
                " looks better than it is: name splits that share no row.",
                f"mlx-lm takes {TRAIN} and {VALID} where train_split and valid_split are not named.",
                _fix(context, one, mended) if str(train).startswith("train") else None,
            )


def no_test_split(context: Context) -> Iterator[Finding]:
    for one in _datasets(context) if context.values["test"] else ():
        if not one.get("test_split"):
            yield Finding(
                "error",
                "no-test-split",
                ("hf_dataset", "test"),
                f"test is true and hf_dataset names no test_split for {one['path']}, so mlx-lm fails as soon as the"
                " model has loaded: add test_split: test, or set test to false.",
                "mlx-lm has no default for the split to test on.",
                Fix("test false", (("test", False),)),
            )


HUB_DATA: tuple[Callable[[Context], Iterator[Finding]], ...] = (validation_in_training, no_test_split)


def _datasets(context: Context) -> list[Mapping[str, Any]]:
    value = context.values["hf_dataset"] or []
    return value if isinstance(value, list) else [value]


def _fix(context: Context, one: Mapping[str, Any], mended: Mapping[str, Any]) -> Fix:
    value = context.values["hf_dataset"]
    whole = [mended if other is one else other for other in value] if isinstance(value, list) else mended
    return Fix("split train at 90%", (("hf_dataset", whole),))


def _overlap(one: Any, other: Any) -> bool:
    spans = _span(one), _span(other)
    if None in spans:
        return False
    (name, begin, end), (other_name, other_begin, other_end) = spans  # type: ignore[misc]
    return bool(name == other_name and max(begin, other_begin) < min(end, other_end))


def _span(split: Any) -> tuple[str, int, int] | None:
    """The split's name, and where a slice begins and ends in percent."""
    match = _SPLIT.fullmatch(str(split))
    if match is None:
        return None
    name, begin, end = match.groups()
    return name, _from_start(begin, 0), _from_start(end, 100)


def _from_start(percent: str | None, otherwise: int) -> int:
    number = otherwise if percent is None else int(percent)
    return number if number >= 0 else max(0, 100 + number)
