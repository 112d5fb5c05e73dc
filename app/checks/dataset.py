"""What is wrong with the rows of the data folder, whatever the tokenizer."""

from collections.abc import Callable, Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.odd_rows import HARMS, LAST_NOT_ASSISTANT, Harm, Stage, is_read_whole
from app.data.dataset import DatasetFacts, Duplicates, FileFacts, OddRow

KNOWN_BEFORE = 0.05
"""Share of rows that were trained on from which a validation loss is no longer one of new rows. Rule of thumb."""

UNTRAINED = 0.1
"""Share of rows that no batch holds from which it is a waste. Rule of thumb."""

_UNMASK = Fix("mask_prompt false", (("mask_prompt", False),))


def unreadable(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/datasets.py, `load_local_dataset`, reads all three files, whichever of them are used."""
    for file in _files(context):
        is_told = context.surroundings is not None and not file.rows and file.path.stem != "valid"
        if file.problem and not (is_told and _is_used(context, file)):
            yield Finding(
                "error",
                "data-unreadable",
                ("data",),
                f"{file.path.name}: {_clause(file.problem)}, so mlx-lm ends as soon as the model has loaded: mend the"
                " file or move it away.",
                "mlx-lm reads train.jsonl, valid.jsonl and test.jsonl, whichever of them a run needs.",
                file=str(file.path),
            )


def odd_rows(context: Context) -> Iterator[Finding]:
    """One finding for all rows of a file with the same fault."""
    for file in _files(context):
        for code, harm in HARMS.items():
            rows = [row for row in file.odd if row.code == code]
            if rows and (harm.stage is Stage.LOADING or _is_used(context, file)):
                yield _odd(context, file, rows, harm)


def masked_text(context: Context) -> Iterator[Finding]:
    texts = [file.path.name for file in _files(context) if file.format == "text"]
    if context.values["mask_prompt"] and texts:
        yield Finding(
            "error",
            "masked-text",
            ("mask_prompt", "data"),
            f"mask_prompt is true and {texts[0]} holds plain text, which has no prompt, so mlx-lm ends as soon as the"
            " model has loaded: set mask_prompt to false.",
            "mlx-lm masks the prompts of chats and completions alone.",
            _UNMASK,
        )


def masked_end(context: Context) -> Iterator[Finding]:
    """Of conversations that the person ends: what is trained then is the person's part."""
    for file in _files(context):
        rows = [row for row in file.odd if row.code == LAST_NOT_ASSISTANT]
        if context.values["mask_prompt"] and rows and _is_used(context, file):
            yield Finding(
                "warning",
                LAST_NOT_ASSISTANT,
                ("mask_prompt", "data"),
                f"{_place(file, rows)}: the last message is not the assistant's, and mask_prompt trains that one alone:"
                " let each conversation end with an answer, or set mask_prompt to false.",
                "mask_prompt masks all messages but the last, whoever wrote it.",
                _UNMASK,
                str(file.path),
                rows[0].line,
            )


def masked_answers(context: Context) -> Iterator[Finding]:
    file = _train(context)
    if context.values["mask_prompt"] and file is not None and file.conversations:
        yield Finding(
            "note",
            "masked-answers",
            ("mask_prompt", "data"),
            f"{_rows(file.conversations)} of {file.path.name} {_hold(file.conversations)} more than one answer, and"
            " mask_prompt trains only the last: split them into a row for each answer, or set mask_prompt to false.",
            "mask_prompt masks all messages but the last.",
            file=str(file.path),
        )


def formats_differ(context: Context) -> Iterator[Finding]:
    """Each file has a format of its own for mlx-lm, which is none the worse for it."""
    train = _train(context)
    for file in _files(context):
        is_other = train is not None and train.format and file.format and _is_text(train) != _is_text(file)
        if train is not None and is_other and _is_used(context, file):
            what = "the validation loss" if file.path.stem == "valid" else "the test"
            yield Finding(
                "warning",
                "formats-differ",
                ("data",),
                f"{train.path.name} holds {train.format} and {file.path.name} {file.format}, so {what} is not of what"
                " is trained: give both the same format.",
                "Chats and completions go through the chat template, plain text does not.",
                file=str(file.path),
                line=1,
            )


def no_validation(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/trainer.py, `train`: an empty validation set is left out."""
    train = _train(context)
    if train is not None and context.dataset is not None and context.dataset.valid is None:
        yield Finding(
            "note",
            "no-validation",
            ("data", "steps_per_eval"),
            f"There is no valid.jsonl beside {train.path.name}, so no validation loss will show where the model begins"
            " to overfit: put some of its rows there.",
            "mlx-lm trains without validation then, and takes no other file for it.",
            file=str(train.path),
        )


def repeated(context: Context) -> Iterator[Finding]:
    train = _train(context)
    if train is not None and train.duplicates.count:
        count = train.duplicates.count
        yield Finding(
            "note",
            "repeated-rows-in-data",
            ("data",),
            f"{_rows(count)} of {train.path.name} {'stands' if count == 1 else 'stand'} there before"
            f"{_first(train.duplicates, 'line {} repeats line {}')}: keep them if they shall weigh more, else delete"
            " them.",
            "A row that stands twice is learned twice as strongly.",
            file=str(train.path),
            line=_line(train.duplicates),
        )


def known_before(context: Context) -> Iterator[Finding]:
    """Rows of valid.jsonl and test.jsonl that are trained on, too."""
    dataset, train = _dataset(context), _train(context)
    if dataset is None or train is None:
        return
    sets = ((dataset.valid, dataset.valid_in_train, "validation"), (dataset.test, dataset.test_in_train, "test"))
    for file, shared, name in sets:
        if file is not None and shared.count and _is_used(context, file):
            yield Finding(
                "warning" if shared.count >= KNOWN_BEFORE * file.rows else "note",
                f"{name}-in-training",
                ("data",),
                f"{shared.count} of {_rows(file.rows)} of {file.path.name} {'is' if shared.count == 1 else 'are'} in"
                f" {train.path.name} too{_first(shared, 'line {} is its line {}')}, so the {name} loss looks better"
                f" than it is: delete them from {train.path.name}.",
                "The model has seen them, and may know them by heart.",
                file=str(file.path),
                line=_line(shared),
            )


def never_trained(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/trainer.py, `iterate_batches`: the batches are made once, and only full ones."""
    rows, batch, rest = context.rows.train, context.values["batch_size"], context.derived.rows_never_trained
    if not context.values["train"] or not rows or not rest or rest == rows:
        return
    is_waste = rest > UNTRAINED * rows
    with_one_more_batch = rows // (rows // batch + 1)
    sizes = (size for size in range(with_one_more_batch, 0, -1) if size % context.workers == 0)
    fewer = next((size for size in sizes if rows % size <= UNTRAINED * rows), None) if is_waste else None
    last = "row is" if rest == 1 else f"{rest} rows are"
    yield Finding(
        "warning" if is_waste else "note",
        "rows-never-trained" if is_waste else "rows-left-over",
        ("batch_size", "data"),
        f"The last {last} never trained, as batch_size {batch} leaves them over of {rows}:"
        f" {f'set it to {fewer}, or add rows' if fewer else 'add rows, or leave it at that'}.",
        "mlx-lm puts the same rows together in every pass, and trains full batches alone.",
        Fix(f"batch_size {fewer}", (("batch_size", fewer),)) if fewer else None,
    )


DATASET: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    unreadable,
    odd_rows,
    masked_text,
    masked_end,
    masked_answers,
    formats_differ,
    no_validation,
    repeated,
    known_before,
    never_trained,
)


def _odd(context: Context, file: FileFacts, rows: list[OddRow], harm: Harm) -> Finding:
    if file.format is None and harm.stage is Stage.BATCH:
        harm = HARMS["unknown-format"]  # the first row is one that gives none
    fails = harm.stage is Stage.LOADING or (
        harm.stage is Stage.BATCH and is_read_whole(context, file.path.stem, file.rows)
    )
    return Finding(
        "error" if fails else harm.level,
        rows[0].code,
        ("data",),
        f"{_place(file, rows)}: {_clause(rows[0].words)}, {harm.happens}: {harm.way_out}.",
        harm.why,
        file=str(file.path),
        line=rows[0].line,
    )


def _dataset(context: Context) -> DatasetFacts | None:
    """None also for a dataset of the hub, beside which the folder does not count."""
    return None if context.values["hf_dataset"] else context.dataset


def _files(context: Context) -> tuple[FileFacts, ...]:
    dataset = _dataset(context)
    return dataset.files if dataset else ()


def _train(context: Context) -> FileFacts | None:
    dataset = _dataset(context)
    return dataset.train if dataset and context.values["train"] else None


def _is_used(context: Context, file: FileFacts) -> bool:
    return bool(context.values["test" if file.path.stem == "test" else "train"])


def _is_text(file: FileFacts) -> bool:
    return file.format == "text"


def _place(file: FileFacts, rows: list[OddRow]) -> str:
    more = dict(file.odd_counts).get(rows[0].code, len(rows)) - 1
    return f"{file.path.name} line {rows[0].line}" + (f" and {_rows(more)} more" if more > 0 else "")


def _rows(count: int) -> str:
    return f"{count} row{'s' * (count != 1)}"


def _hold(count: int) -> str:
    return "holds" if count == 1 else "hold"


def _first(duplicates: Duplicates, words: str) -> str:
    return f" ({words.format(*duplicates.first[0])})" if duplicates.first else ""


def _line(duplicates: Duplicates) -> int | None:
    return duplicates.first[0][0] if duplicates.first else None


def _clause(words: str) -> str:
    """A sentence as a part of another."""
    return words.rstrip(".")
