"""What is known of a dataset, from a few words."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.checks.context import Context
from app.checks.surroundings import AdapterFolder, Place, ResumeFile, Standing, Surroundings, about
from app.data.dataset import DatasetFacts, Duplicates, FileFacts, OddRow
from app.data.lengths import Lengths, SetLengths
from app.data.row_format import row_format
from app.data.rows import RowCounts
from app.data.scan import scan
from tests.checks.configurations import config_of, context_of
from tests.data.corpus import OddFile


def scanned(folder: Path, case: OddFile, name: str = "train") -> FileFacts:
    """What a scan finds in a file of the corpus."""
    path = folder / f"{name}.jsonl"
    path.write_bytes(case.content)
    facts = scan({"train": path}, row_format(case.config), lambda done: None).train
    assert facts is not None
    return facts


def file(name: str = "train", rows: int = 100, format: str | None = "chat", **facts: Any) -> FileFacts:
    return FileFacts(Path(f"rows/{name}.jsonl"), rows, format, **facts)


def odd(*rows: tuple[int, str], **more: int) -> dict[str, Any]:
    """Facts of a file with such rows, and of as many `more` of a code."""
    counts = Counter({code.replace("_", "-"): count for code, count in more.items()}) + Counter(
        code for _, code in rows
    )
    told = tuple(OddRow(line, code, "it is odd") for line, code in rows)
    return {"odd": told, "odd_count": counts.total(), "odd_counts": tuple(counts.items())}


def dataset(
    train: FileFacts | None = None, valid: FileFacts | None = None, test: FileFacts | None = None, **shared: Duplicates
) -> DatasetFacts:
    """Sound, but for what is given."""
    return DatasetFacts(train or file(), valid or file("valid", 20), test, **shared)


def data_context(values: dict[str, Any], facts: DatasetFacts | None = None, **known: Any) -> Context:
    """A training of few rows on sound data, but for what is given."""
    facts = facts or dataset()
    counts = RowCounts(*(each.rows if each else None for each in (facts.train, facts.valid, facts.test)))
    return replace(context_of(config_of(values), counts), dataset=facts, **known)


def on_hub(context: Context) -> Context:
    """The same where `data` is a name on the hub."""
    around = Surroundings(
        about=about(context.values),
        start=Path("/somewhere"),
        model=Place(Standing.FOLDER),
        model_has_config=True,
        data=Place(Standing.MISSING),
        adapter=AdapterFolder(None, False, (), 0, ""),
        resume=ResumeFile(Standing.MISSING, None),
        free_bytes=None,
        packages=frozenset({"datasets"}),
        backends=("cpu",),
        backend_problem="",
    )
    return replace(context, rows=RowCounts(), dataset=None, surroundings=around)


def lengths(train: dict[int, int] | SetLengths, valid: dict[int, int] | SetLengths | None = None) -> Lengths:
    """Of tokens and the rows that have as many, with rows of like length apart from one another."""
    return Lengths(_set(train), None if valid is None else _set(valid))


def _set(counts: dict[int, int] | SetLengths) -> SetLengths:
    if isinstance(counts, SetLengths):
        return counts
    left, mixed = Counter(counts), []
    while left := +left:
        mixed += list(left)
        left -= Counter(list(left))
    return SetLengths(tuple(sorted(counts.items())), last=tuple(mixed[-255:]))
