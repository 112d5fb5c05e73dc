"""What `tunedeck data` tells: in lines for a person, and in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config.config import Config
from app.data.dataset import DatasetFacts, Duplicates, FileFacts
from app.data.lengths import Lengths, SetLengths
from app.data.lens import CHARACTERS_PER_TOKEN, Bin, SetLens, histogram, look, suggest
from app.data.padding import padded_sets
from app.session.dataset_words import (
    conversations_words,
    estimate_words,
    file_words,
    odd_words,
    shared_words,
    suggestion_words,
    token_figures,
    twins_pairs,
    twins_words,
)

_ODD_SHOWN = 10
_BINS, _BAR = 14, 40


@dataclass(frozen=True)
class Told:
    """`note` says why there are no lengths; empty when there are."""

    data: Path
    config: Config
    facts: DatasetFacts
    lengths: Lengths | None
    note: str

    @property
    def max_seq_length(self) -> int:
        return int(self.config.values["max_seq_length"])

    @property
    def batch_size(self) -> int:
        return int(self.config.values["batch_size"])

    def lenses(self) -> dict[str, tuple[SetLengths, SetLens]]:
        """Of the sets that have rows."""
        if self.lengths is None:
            return {}
        exact = padded_sets(self.lengths, self.max_seq_length, self.batch_size)
        sets = {"train": self.lengths.train, "valid": self.lengths.valid}
        found = {}
        for (name, lengths), padded in zip(sets.items(), exact, strict=True):
            if lengths and (lens := look(lengths, self.max_seq_length, self.batch_size, padded)):
                found[name] = (lengths, lens)
        return found


def lines(told: Told) -> Iterator[str]:
    yield str(told.data)
    for file in told.facts.files:
        yield from _file(file)
    yield from (f"  {words}: {pairs}" for words, pairs in shared_words(told.facts))
    lenses = told.lenses()
    for name, (lengths, lens) in lenses.items():
        yield ""
        yield from _tokens(told, name, lengths, lens)
    if not lenses:
        yield from _characters(told)


def as_json(told: Told) -> dict[str, Any]:
    facts = told.facts
    return {
        "data": str(told.data),
        "files": [_file_json(file) for file in facts.files],
        "valid_in_train": _duplicates_json(facts.valid_in_train),
        "test_in_train": _duplicates_json(facts.test_in_train),
        "max_seq_length": told.max_seq_length,
        "batch_size": told.batch_size,
        "tokens": {name: _tokens_json(told, *each) for name, each in told.lenses().items()} or None,
        "note": told.note,
    }


def _file(file: FileFacts) -> Iterator[str]:
    name = file.path.name
    yield f"  {name}: {file_words(file)}"
    if file.odd_count:
        yield f"    {odd_words(file)}:"
    for odd in file.odd[:_ODD_SHOWN]:
        yield f"      {name}:{odd.line}: {odd.words} ({odd.code})"
    if file.odd_count > _ODD_SHOWN:
        yield f"      in all: {', '.join(f'{count:,} {code}' for code, count in file.odd_counts)}"
    if file.duplicates.count:
        yield f"    {twins_words(file)}: {twins_pairs(file)}"
    if file.conversations:
        yield f"    {conversations_words(file)}"


def _tokens(told: Told, name: str, lengths: SetLengths, lens: SetLens) -> Iterator[str]:
    length, batch = told.max_seq_length, told.batch_size
    yield f"Tokens in a row of {name}.jsonl, by the tokenizer of {told.config.values['model']}"
    yield from _bars(histogram(lengths.counts, length, _BINS), length, f"max_seq_length {length}")
    yield from (f"  {figure:<11} {words}" for figure, words in token_figures(name, lengths, lens, batch))
    if name == "train" and (suggestion := suggest(lengths)):
        yield f"  suggested   {suggestion_words(suggestion, lens.tokens)}"


def _characters(told: Told) -> Iterator[str]:
    file = told.facts.train or next(iter(told.facts.files), None)
    if file is None or not file.characters:
        yield from ("", told.note) if told.note else ()
        return
    yield ""
    yield f"Characters in a row of {file.path.name}: an estimate"
    yield f"  {told.note}"
    line = told.max_seq_length * CHARACTERS_PER_TOKEN
    words = f"max_seq_length {told.max_seq_length} at {CHARACTERS_PER_TOKEN} characters a token"
    yield from _bars(histogram(file.characters, line, _BINS), line, words)
    yield f"  {estimate_words(file, told.max_seq_length)}"


def _bars(bins: tuple[Bin, ...], line: int, words: str) -> Iterator[str]:
    most = max((each.rows for each in bins), default=1)
    digits = max((len(f"{each.to or each.above:,}") for each in bins), default=1)
    for each in bins:
        ends = f"to {each.to:>{digits},}" if each.to is not None else f"   {'more':>{digits}}"
        bar = "█" * max(each.rows and 1, round(_BAR * each.rows / most))
        yield f"  {ends}  {bar} {each.rows:,}".rstrip()
        if each.to == line:
            yield f"  ── {words} {'─' * max(0, 60 - len(words))}"
    if bins and not any(each.to == line for each in bins):
        yield f"  ── {words}: {'no row is longer' if line > bins[0].above else 'every row is longer'}"


def _file_json(file: FileFacts) -> dict[str, Any]:
    return {
        "path": str(file.path),
        "format": file.format,
        "rows": file.rows,
        "bytes": file.size,
        "problem": file.problem,
        "odd_count": file.odd_count,
        "odd_counts": dict(file.odd_counts),
        "odd": [{"line": odd.line, "code": odd.code, "words": odd.words} for odd in file.odd],
        "duplicates": _duplicates_json(file.duplicates),
        "conversations": file.conversations,
        "characters": file.characters,
    }


def _duplicates_json(duplicates: Duplicates) -> dict[str, Any]:
    return {"count": duplicates.count, "first": duplicates.first}


def _tokens_json(told: Told, lengths: SetLengths, lens: SetLens) -> dict[str, Any]:
    suggestion = suggest(lengths)
    return {
        "lengths": lengths.counts,
        "prompts": lengths.prompts,
        "untokenized_rows": lengths.odd_rows,
        "tokens": lens.tokens,
        "longest": lens.longest,
        "median": lens.median,
        "cut_rows": lens.cut.rows,
        "cut_tokens": lens.cut.tokens,
        "rows_without_lesson": lens.without_lesson,
        "rows_never_trained": lens.never_trained,
        "tokens_per_epoch": lens.tokens_per_epoch,
        "trained_tokens_per_epoch": lens.trained_tokens_per_epoch,
        "padding_waste": lens.waste,
        "padding_waste_is_exact": lens.is_waste_exact,
        "suggested": suggestion
        and {
            "max_seq_length": suggestion.max_seq_length,
            "cut_rows": suggestion.cut.rows,
            "cut_tokens": suggestion.cut.tokens,
        },
    }
