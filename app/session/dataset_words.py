"""What there is to say of a dataset and of its rows in tokens, in plain words: the same on the screen and in lines."""

from collections.abc import Iterator

from app.data.dataset import DatasetFacts, Duplicates, FileFacts
from app.data.lengths import SetLengths
from app.data.lens import CHARACTERS_PER_TOKEN, SetLens, Suggestion

_PAIRS_SHOWN = 3


def rows_words(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def share_words(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0 %"


def file_words(file: FileFacts) -> str:
    """Its format, rows and size, or why there are none."""
    format = file.format or ("" if file.problem else "no format that mlx-lm knows")
    return file.problem or ", ".join(filter(None, (format, rows_words(file.rows), _size_words(file.size))))


def odd_words(file: FileFacts) -> str:
    return f"{rows_words(file.odd_count)} {'is' if file.odd_count == 1 else 'are'} odd"


def twins_words(file: FileFacts) -> str:
    """Of its rows that stand in it more than once."""
    return f"{rows_words(file.duplicates.count)} stood before"


def twins_pairs(file: FileFacts) -> str:
    """Where the first of them stand."""
    return _pairs(file.duplicates, file.path.name, file.path.name)


def conversations_words(file: FileFacts) -> str:
    return f"{rows_words(file.conversations)} with more than one answer of the assistant"


def shared_words(facts: DatasetFacts) -> Iterator[tuple[str, str]]:
    """Of rows that are validated or tested, and trained too: how many there are, and where the first of them stand."""
    for name, shared in (("valid.jsonl", facts.valid_in_train), ("test.jsonl", facts.test_in_train)):
        if shared.count:
            stand = "stands" if shared.count == 1 else "stand"
            words = f"{rows_words(shared.count)} of {name} {stand} in train.jsonl too"
            yield words, _pairs(shared, name, "train.jsonl")


def token_figures(name: str, lengths: SetLengths, lens: SetLens, batch_size: int) -> Iterator[tuple[str, str]]:
    """What batches make of the set `name`: of each figure a name of 10 letters at most, and its words."""
    yield "all", f"{lens.tokens:,} tokens; a row has {lens.median:,} in the middle, {lens.longest:,} at most"
    if lengths.odd_rows:
        numbers = ", ".join(map(str, lengths.first_odd))
        yield "unread", f"{rows_words(lengths.odd_rows)} that mlx-lm cannot tokenize, such as line {numbers}"
    cut = lens.cut
    yield (
        "cut",
        f"{rows_words(cut.rows)} ({share_words(cut.rows, lens.rows)}),"
        f" {cut.tokens:,} tokens ({share_words(cut.tokens, lens.tokens)})",
    )
    if lens.without_lesson:
        yield "no lesson", f"{rows_words(lens.without_lesson)} whose prompt alone fills max_seq_length: loss NaN"
    if name == "train":
        trained = f", {lens.trained_tokens_per_epoch:,} of them trained" if lengths.prompts else ""
        rounds = f"{lens.rows // batch_size:,} iterations of {batch_size} rows"
        yield "an epoch", f"{rounds}, {lens.tokens_per_epoch:,} tokens{trained}"
        yield "left out", f"{rows_words(lens.never_trained)} beyond the last full batch of {batch_size}: never trained"
    if lens.waste is not None:
        expected = "" if lens.is_waste_exact else ", as far as long and short rows are mixed"
        yield "padding", f"{lens.waste:.1%} of what is computed{expected}"


def suggestion_words(suggestion: Suggestion, tokens: int) -> str:
    """A max_seq_length with its price, of so many tokens in all."""
    price = suggestion.cut
    return (
        f"max_seq_length {suggestion.max_seq_length}: cuts {rows_words(price.rows)},"
        f" {price.tokens:,} tokens ({share_words(price.tokens, tokens)})"
    )


def estimate_words(file: FileFacts, max_seq_length: int) -> str:
    """What the characters of a set come to, about."""
    line = max_seq_length * CHARACTERS_PER_TOKEN
    beyond = sum(rows for characters, rows in file.characters if characters > line)
    total = sum(characters * rows for characters, rows in file.characters)
    return f"about {total // CHARACTERS_PER_TOKEN:,} tokens, and {rows_words(beyond)} cut, at that rate"


def _pairs(duplicates: Duplicates, name: str, other: str) -> str:
    pairs = [f"{name}:{line} is {other}:{earlier}" for line, earlier in duplicates.first[:_PAIRS_SHOWN]]
    return ", ".join(pairs) + (", …" if duplicates.count > len(pairs) else "")


def _size_words(size: int) -> str:
    """In GB of 1e9 bytes, MB and kB."""
    if size >= 10**8:
        return f"{size / 1e9:.2f} GB"
    return f"{size / 1e6:.2f} MB" if size >= 10**6 else f"{size / 1e3:.1f} kB"
