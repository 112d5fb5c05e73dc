"""Facts of a dataset as JSON: between processes, and in the cache."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.data.dataset import DatasetFacts, Duplicates, FileFacts, OddRow


def encode_facts(facts: DatasetFacts) -> dict[str, Any]:
    """Values of JSON alone."""
    fields = asdict(facts)
    for name in ("train", "valid", "test"):
        if fields[name]:
            fields[name]["path"] = str(fields[name]["path"])
    return fields


def decode_facts(fields: Mapping[str, Any]) -> DatasetFacts:
    """Raises KeyError, TypeError, ValueError or AttributeError for what was not encoded here."""
    return DatasetFacts(
        _file(fields["train"]),
        _file(fields["valid"]),
        _file(fields["test"]),
        _duplicates(fields["valid_in_train"]),
        _duplicates(fields["test_in_train"]),
    )


def _file(fields: Mapping[str, Any] | None) -> FileFacts | None:
    if fields is None:
        return None
    lists = ("odd_counts", "characters", "places")
    return FileFacts(
        **{
            **fields,
            **{name: _pairs(fields[name]) for name in lists},
            "path": Path(fields["path"]),
            "odd": tuple(OddRow(**odd) for odd in fields["odd"]),
            "duplicates": _duplicates(fields["duplicates"]),
        }
    )


def _duplicates(fields: Mapping[str, Any]) -> Duplicates:
    return Duplicates(fields["count"], _pairs(fields["first"]))


def _pairs(pairs: Any) -> tuple[tuple[Any, Any], ...]:
    return tuple((x, y) for x, y in pairs)
