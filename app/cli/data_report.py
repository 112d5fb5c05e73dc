"""What `tunedeck data` tells: in lines for a person, and in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.sizes import size_words
from app.config.config import Config
from app.data.dataset import DatasetFacts, Duplicates, FileFacts
from app.data.lengths import Lengths, SetLengths
from app.data.lens import CHARACTERS_PER_TOKEN, Bin, SetLens, histogram, look, suggest
from app.data.padding import padded_sets

_ODD_SHOWN, _PAIRS_SHOWN = 10, 3
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
    yield from _shared("valid.jsonl", told.facts.valid_in_train)
    yield from _shared("test.jsonl", told.facts.test_in_train)
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
    format = file.format or ("" if file.problem else "no format that mlx-lm knows")
    yield f"  {name}: {file.problem or ', '.join(filter(None, (format, _rows(file.rows), _size(file.size))))}"
    if file.odd_count:
        yield f"    {_rows(file.odd_count)} {'is' if file.odd_count == 1 else 'are'} odd:"
    for odd in file.odd[:_ODD_SHOWN]:
        yield f"      {name}:{odd.line}: {odd.words} ({odd.code})"
    if file.odd_count > _ODD_SHOWN:
        yield f"      in all: {', '.join(f'{count:,} {code}' for code, count in file.odd_counts)}"
    if file.duplicates.count:
        yield f"    {_rows(file.duplicates.count)} stood before: {_pairs(file.duplicates, name, name)}"
    if file.conversations:
        yield f"    {_rows(file.conversations)} with more than one answer of the assistant"


def _shared(name: str, shared: Duplicates) -> Iterator[str]:
    if shared.count:
        yield f"  {_rows(shared.count)} of {name} stand in train.jsonl too: {_pairs(shared, name, 'train.jsonl')}"


def _pairs(duplicates: Duplicates, name: str, other: str) -> str:
    pairs = [f"{name}:{line} is {other}:{earlier}" for line, earlier in duplicates.first[:_PAIRS_SHOWN]]
    return ", ".join(pairs) + (", …" if duplicates.count > len(pairs) else "")


def _tokens(told: Told, name: str, lengths: SetLengths, lens: SetLens) -> Iterator[str]:
    length, batch = told.max_seq_length, told.batch_size
    yield f"Tokens in a row of {name}.jsonl, by the tokenizer of {told.config.values['model']}"
    yield from _bars(histogram(lengths.counts, length, _BINS), length, f"max_seq_length {length}")
    yield f"  all         {lens.tokens:,} tokens; a row has {lens.median:,} in the middle, {lens.longest:,} at most"
    if lengths.odd_rows:
        numbers = ", ".join(map(str, lengths.first_odd))
        yield f"  unread      {_rows(lengths.odd_rows)} that mlx-lm cannot tokenize, such as line {numbers}"
    cut = lens.cut
    yield (
        f"  cut         {_rows(cut.rows)} ({_share(cut.rows, lens.rows)}),"
        f" {cut.tokens:,} tokens ({_share(cut.tokens, lens.tokens)})"
    )
    if lens.without_lesson:
        yield f"  no lesson   {_rows(lens.without_lesson)} whose prompt alone fills max_seq_length: loss NaN"
    if name == "train":
        trained = f", {lens.trained_tokens_per_epoch:,} of them trained" if lengths.prompts else ""
        rounds = f"{lens.rows // batch:,} iterations of {batch} rows"
        yield f"  an epoch    {rounds}, {lens.tokens_per_epoch:,} tokens{trained}"
        yield f"  left out    {_rows(lens.never_trained)}, which fill no batch of {batch} and are never trained"
    if lens.waste is not None:
        expected = "" if lens.is_waste_exact else ", as far as long and short rows are mixed"
        yield f"  padding     {lens.waste:.1%} of what is computed{expected}"
    if name == "train" and (suggestion := suggest(lengths)):
        price = suggestion.cut
        yield (
            f"  suggested   max_seq_length {suggestion.max_seq_length}: cuts {_rows(price.rows)},"
            f" {price.tokens:,} tokens ({_share(price.tokens, lens.tokens)})"
        )


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
    beyond = sum(rows for characters, rows in file.characters if characters > line)
    total = sum(characters * rows for characters, rows in file.characters)
    yield f"  about {total // CHARACTERS_PER_TOKEN:,} tokens, and {_rows(beyond)} cut, at that rate"


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


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _size(size: int) -> str:
    return size_words(size) if size >= 10**6 else f"{size / 1e3:.1f} kB"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0 %"


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
