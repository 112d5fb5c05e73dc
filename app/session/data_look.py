"""What is known of the data now, and why not the rest: of a snapshot, for a screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.data.dataset import DatasetFacts, FileFacts
from app.data.lengths import Lengths, SetLengths
from app.data.lens import CHARACTERS_PER_TOKEN, Bin, SetLens, Suggestion, histogram, look, suggest
from app.data.padding import Padded
from app.data.rows import RowCounts
from app.session.snapshot import Snapshot

SETS = ("train", "valid", "test")

Answer = TypeVar("Answer")
_KEPT = 8


def _kept(make: Callable[..., Answer]) -> Callable[..., Answer]:
    """`make`, whose last answers are kept: of its first argument, which is large, by identity, for hashing ten thousand
    lengths would take longer than to draw what follows from them."""
    answers: dict[tuple, tuple[Any, Answer]] = {}

    def answer(large: Any, *small: Any) -> Answer:
        key = (id(large), *small)
        if key not in answers:
            if len(answers) >= _KEPT:
                answers.clear()
            answers[key] = (large, make(large, *small))  # held, so that its id stays its own
        return answers[key][1]

    return answer


seen_through, suggested, bins_of = _kept(look), _kept(suggest), _kept(histogram)


@dataclass(frozen=True)
class OddPlace:
    """A row that is worth a look, and why."""

    set: str
    line: int
    is_twin: bool
    words: str
    """One sentence without the place. Untrusted."""


def data_problem(snapshot: Snapshot) -> str:
    """Why nothing is known of the files, one sentence; empty while they are being read, and once they are."""
    values = snapshot.config.values
    if values["hf_dataset"]:
        return "The data is of the hub (hf_dataset): only files on this computer are looked at."
    if snapshot.rows == RowCounts():
        return (
            f"{values['data']} is no folder with train.jsonl here. mlx-lm takes it for a dataset of the hub;"
            " only files on this computer are looked at."
        )
    return snapshot.dataset if isinstance(snapshot.dataset, str) else ""


def is_reading(snapshot: Snapshot) -> bool:
    """Whether the files are being read, or will be in a moment."""
    return snapshot.dataset is None and not data_problem(snapshot)


def is_counting(snapshot: Snapshot, lengths_subject: str) -> bool:
    """Whether tokens are being counted, or will be once the files are read."""
    return snapshot.lengths is None and bool(lengths_subject) and not data_problem(snapshot)


def tokens_problem(snapshot: Snapshot, lengths_subject: str) -> str:
    """Why the rows are not known in tokens, one sentence; empty while they are counted, and once they are."""
    if isinstance(snapshot.lengths, str):
        return snapshot.lengths
    if snapshot.lengths is not None or lengths_subject:
        return ""
    if snapshot.model is not None and snapshot.model.problem:
        return f"No token is counted without the model: {snapshot.model.problem}"
    if snapshot.rows is not None and snapshot.rows.train is None:
        return "No token is counted without a train.jsonl."
    return "No token is counted until the model is on this computer."


def set_facts(facts: DatasetFacts, name: str) -> FileFacts | None:
    return {"train": facts.train, "valid": facts.valid, "test": facts.test}[name]


def set_lengths(snapshot: Snapshot, name: str) -> SetLengths | None:
    """None where they are not known: those of test rows are never counted."""
    if not isinstance(snapshot.lengths, Lengths):
        return None
    return {"train": snapshot.lengths.train, "valid": snapshot.lengths.valid}.get(name)


def set_lens(snapshot: Snapshot, name: str, padded: Padded | None = None) -> SetLens | None:
    """See `app.data.lens.look`."""
    lengths, values = set_lengths(snapshot, name), snapshot.config.values
    if lengths is None:
        return None
    return seen_through(lengths, int(values["max_seq_length"]), int(values["batch_size"]), padded)


def better_length(snapshot: Snapshot) -> Suggestion | None:
    """Of the training rows; None where it is the present max_seq_length, and while nothing is known."""
    lengths = set_lengths(snapshot, "train")
    suggestion = suggested(lengths) if lengths else None
    same = suggestion is not None and suggestion.max_seq_length == snapshot.config.values["max_seq_length"]
    return None if same else suggestion


@dataclass(frozen=True)
class Bars:
    """Rows by their length, and what the line in it means."""

    bins: tuple[Bin, ...]
    line: int
    """max_seq_length in tokens, or in the characters that it is about."""
    words: str
    is_estimate: bool
    """Whether the lengths are of characters."""


def bars(snapshot: Snapshot, name: str, most: int) -> Bars | None:
    """In tokens where they are counted, else in characters. At most about `most` bins; None without a row."""
    length = int(snapshot.config.values["max_seq_length"])
    if lengths := set_lengths(snapshot, name):
        return Bars(bins_of(lengths.counts, length, most), length, f"max_seq_length {length:,}", False)
    file = set_facts(snapshot.dataset, name) if isinstance(snapshot.dataset, DatasetFacts) else None
    if file is None or not file.characters:
        return None
    line = length * CHARACTERS_PER_TOKEN
    words = f"max_seq_length {length:,} at {CHARACTERS_PER_TOKEN} characters a token"
    return Bars(bins_of(file.characters, line, most), line, words, True)


def odd_places(facts: DatasetFacts) -> list[OddPlace]:
    """File by file: rows that are odd, those that stood before, and those that stand in train.jsonl too."""
    places = []
    shared = {"valid": facts.valid_in_train, "test": facts.test_in_train}
    for name in SETS:
        if (file := set_facts(facts, name)) is None:
            continue
        places += [OddPlace(name, odd.line, False, odd.words) for odd in file.odd]
        twins = [(line, f"the same as line {earlier}") for line, earlier in file.duplicates.first]
        if name in shared:
            twins += [(line, f"stands in train.jsonl too, line {there}") for line, there in shared[name].first]
        places += [OddPlace(name, line, True, words) for line, words in twins]
    return places
