"""What the rows of the data come to in the model's tokens, against max_seq_length and memory."""

from collections.abc import Callable, Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.footprint import LONG, small_memory
from app.checks.odd_rows import HARMS, Stage, is_read_whole
from app.checks.surroundings import Standing
from app.config.config import Origin
from app.data.dataset import DatasetFacts, FileFacts
from app.data.lengths import SetLengths, padding_waste, truncated

MANY_CUT = 0.05
"""Share of rows that are cut from which it is no exception any more. Rule of thumb."""

MUCH_PADDING = 0.3
"""Share of padding in a batch that is worth a word. Rule of thumb: sorting then saves about as much of the time."""

MUCH_MEMORY = 0.25
"""Share of the computer's memory that tokenized rows should not take beside a training. Rule of thumb."""

FARTHEST = 4
"""A fix lengthens max_seq_length at most so many times: memory grows along."""

_LENGTH = "max_seq_length"
_NAN = {"train": "the loss and with it the adapter become NaN", "valid": "the validation loss becomes NaN"}


def no_chat_template(context: Context) -> Iterator[Finding]:
    """Silent where rows have been tokenized: some tokenizers render chats by code of their own."""
    dataset, model = context.dataset, context.model
    if dataset is None or model is None or model.has_chat_template is not False or context.values["hf_dataset"]:
        return
    is_tokenized = context.lengths is not None and context.lengths.train.rows > 0
    file = next((file for file in dataset.files if file.format not in ("text", None)), None)
    if file is not None and not is_tokenized:
        yield Finding(
            "error",
            "no-chat-template",
            ("model", "data"),
            f"{file.path.name} holds {file.format} and the tokenizer of {model.name} has no chat template, so mlx-lm"
            " fails at the first batch: choose a model that is tuned for chat, or write the rows as plain text.",
            "mlx-lm puts chats and completions through the tokenizer's chat template.",
            file=str(file.path),
        )


def untokenizable(context: Context) -> Iterator[Finding]:
    """mlx-lm's own word on rows that looked sound, or were not looked at."""
    if not context.values["train"] or any(no_chat_template(context)):
        return
    for name, found, file in _sets(context):
        if file and any(HARMS[row.code].stage is Stage.LOADING for row in file.odd if row.code in HARMS):
            continue  # it is not read at all
        known = sum(rows for code, rows in file.odd_counts if _is_told(code)) if file else 0
        told = {row.line for row in file.odd if _is_told(row.code)} if file else set()
        line = next((line for line in found.first_odd if line not in told), None)
        more = found.odd_rows - known
        if more > 0:
            place = f"{name} row {line}" if line else f"{more} rows of {name}"
            yield Finding(
                "error" if is_read_whole(context, name, found.rows) else "warning",
                f"untokenizable-{name}",
                ("data", "model"),
                f"{place}{f' and {more - 1} more' if line and more > 1 else ''}: the tokenizer or its chat template"
                " refuses it, so mlx-lm fails when a batch holds it: mend or delete the row.",
                "A row is only tokenized when its batch comes.",
                file=str(file.path) if file else "",
                line=line,
            )


def hub_validation(context: Context) -> Iterator[Finding]:
    """Of a dataset of the hub that `data` names, whose splits are known once its rows were tokenized."""
    values, lengths, around = context.values, context.lengths, context.surroundings
    if around is None or not values["train"] or values["hf_dataset"]:
        return
    place, is_named = around.data, context.config.origins["data"] is not Origin.DEFAULT
    is_of_hub = place.standing is Standing.MISSING and not place.means_folder and not place.like
    if is_of_hub and is_named and (lengths is None or lengths.valid is None):
        name = str(values["data"])
        yield Finding(
            "note" if lengths is None else "warning",
            "no-validation-split",
            ("data", "hf_dataset"),
            f"{f'If {name} has' if lengths is None else f'{name} has'} no split named valid, mlx-lm trains without"
            f" validation: name the split to take in hf_dataset, such as {{path: {name}, train_split: train,"
            " valid_split: validation}.",
            "mlx-lm takes the splits train, valid and test of a dataset, and sees none that is named validation.",
        )


def masked_wholly(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/trainer.py, `default_loss`: the mean over no token is not a number, and so is every weight then."""
    values = context.values
    if not values["train"] or not values["mask_prompt"]:
        return
    for name, found, file in _sets(context):
        rows = sum(rows for prompt, rows in found.prompts if prompt >= values[_LENGTH])
        if not rows:
            continue
        meets_one = values["batch_size"] == 1 and is_read_whole(context, name, found.rows)
        is_sure = rows == found.rows or meets_one
        have, them = ("has", "it") if rows == 1 else ("have", "them")
        when = "" if is_sure else ", if a batch holds nothing else"
        yield Finding(
            "error" if is_sure and name == "train" else "warning",
            f"masked-wholly-{name}",
            (_LENGTH, "mask_prompt", "data"),
            f"{rows} of {found.rows} rows of {name} {have} a prompt of {values[_LENGTH]} tokens or more, so mask_prompt"
            f" leaves nothing of {them} to train, and {_NAN[name]}{when}: raise max_seq_length, or set mask_prompt to"
            " false.",
            "A row is cut at max_seq_length, and its masked prompt comes first.",
            _longer(context, found) or Fix("mask_prompt false", (("mask_prompt", False),)),
            str(file.path) if file else "",
        )


def cut(context: Context) -> Iterator[Finding]:
    values = context.values
    found = context.lengths.train if context.lengths else None
    lost = truncated(found, values[_LENGTH])
    if found is None or lost is None or not lost.rows or not values["train"]:
        return
    share = lost.rows / found.rows
    yield Finding(
        "warning" if share >= MANY_CUT else "note",
        "rows-cut",
        (_LENGTH, "data"),
        f"{lost.rows} of {found.rows} training rows {'is' if lost.rows == 1 else 'are'} longer than max_seq_length"
        f" {values[_LENGTH]} and cut there, {lost.tokens / found.tokens:.0%} of all tokens: split them, or raise it up"
        f" to {found.longest}.",
        "What is cut off is the end of the answer, and the token that ends it.",
        _longer(context, found),
    )


def padding(context: Context) -> Iterator[Finding]:
    """Silent where the last rows rise or fall to the end, as they do in a file that is sorted."""
    values = context.values
    found = context.lengths.train if context.lengths else None
    if found is None or not values["train"] or _is_sorted(found):
        return
    waste = padding_waste(found, values[_LENGTH], values["batch_size"])
    if waste is not None and waste >= MUCH_PADDING and values["batch_size"] > 1:
        yield Finding(
            "note",
            "padding",
            ("batch_size", "data"),
            f"About {waste:.0%} of each batch is padding, as rows of all lengths share one: sort the rows of"
            " train.jsonl by their length.",
            "mlx-lm means to put rows of like length together and does not: it keeps the order of the file.",
        )


def large_rows(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/datasets.py, `CacheDataset`: the tokens of every row that was once in a batch are kept."""
    lengths, total = context.lengths, context.total_memory
    if lengths is None or not total or not context.values["train"]:
        return
    from app.memory.job import rows_bytes  # with all of the estimates, which the first values need not wait for

    taken = rows_bytes(lengths) * min(1.0, context.derived.epochs or 1.0)
    if taken >= MUCH_MEMORY * total:
        yield Finding(
            "warning",
            "rows-fill-memory",
            ("data", "iters"),
            f"The tokenized rows come to {taken / 2**30:.1f} GB of {total / 2**30:.0f} GB of memory in the course of"
            " the run: train on fewer rows, or for fewer iters.",
            "mlx-lm keeps the tokens of every row that it has met, some 36 bytes each.",
        )


TOKENS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    no_chat_template,
    untokenizable,
    hub_validation,
    masked_wholly,
    cut,
    padding,
    large_rows,
)


def _sets(context: Context) -> Iterator[tuple[str, SetLengths, FileFacts | None]]:
    """The sets of a training whose tokens are known, with their names and their files, where they are in files."""
    lengths = context.lengths
    dataset = (None if context.values["hf_dataset"] else context.dataset) or DatasetFacts(None, None, None)
    if lengths is not None:
        yield "train", lengths.train, dataset.train
    if lengths is not None and lengths.valid is not None:
        yield "valid", lengths.valid, dataset.valid


def _is_told(code: str) -> bool:
    return code in HARMS and HARMS[code].stage is not Stage.LESSON


def _longer(context: Context, found: SetLengths) -> Fix | None:
    """So long that no row is cut; None where that is out of the question."""
    limit = context.values[_LENGTH]
    longest = max(found.longest or 0, max((prompt + 1 for prompt, _ in found.prompts), default=0))
    if longest > FARTHEST * limit or (small_memory(context) and longest > LONG):
        return None
    return Fix(f"max_seq_length {longest}", ((_LENGTH, longest),))


def _is_sorted(found: SetLengths) -> bool:
    rising = sorted(found.last)
    return list(found.last) in (rising, rising[::-1])
