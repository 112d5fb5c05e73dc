"""What the Data screen says, made of the snapshot."""

from collections.abc import Iterator
from textwrap import wrap

from textual.content import Content

from app.data.dataset import DatasetFacts, FileFacts
from app.data.lens import Bin
from app.data.padding import Padded
from app.session.data_look import (
    Bars,
    better_length,
    data_problem,
    is_counting,
    is_reading,
    set_facts,
    set_lengths,
    set_lens,
    tokens_problem,
)
from app.session.dataset_words import (
    conversations_words,
    estimate_words,
    file_words,
    odd_words,
    shared_words,
    suggestion_words,
    token_figures,
    twins_words,
)
from app.session.snapshot import Snapshot
from app.session.store import Session
from app.ui.side_words import heading
from app.wire.text import printable

_EIGHTHS = " ▏▎▍▌▋▊▉"
_BEGINNING = {"dataset": "looking for the rows …", "lengths": "counting the tokens …"}
_NAME = 12
"""Cells before a figure."""


def files_words(session: Session) -> Content:
    """Each file with its format, odd rows and twins; or how far the reading is, or why there is none."""
    snapshot = session.snapshot
    lines = [heading("Files") + Content.styled(f"  {printable(session.data_folder)}", "$text-muted")]
    if problem := data_problem(snapshot):
        lines.append(Content.styled(f"▲ {printable(problem)}", "$text-warning"))
    elif is_reading(snapshot):
        lines.append(_progress(session, "dataset"))
    elif isinstance(snapshot.dataset, DatasetFacts):
        for file in snapshot.dataset.files:
            lines += _file_lines(file)
        lines += [_warning(words) for words, _ in shared_words(snapshot.dataset)]
    return Content("\n").join(lines)


def _file_lines(file: FileFacts) -> Iterator[Content]:
    is_useless = bool(file.problem) or file.format is None
    style = "$text-error" if is_useless else ""
    mark = "✗ " if is_useless else ""
    name = (f"{printable(file.path.name):<{_NAME}} ", "bold")
    yield Content.assemble(name, (f"{mark}{printable(file_words(file))}", style))
    wrong = [odd_words(file)] if file.odd_count else []
    wrong += [twins_words(file)] if file.duplicates.count else []
    if wrong:
        yield _warning(" · ".join(wrong))
    if file.conversations:
        yield Content.styled(f"  · {conversations_words(file)}", "$text-muted")


def _warning(words: str) -> Content:
    return Content.styled(f"  ▲ {printable(words)}", "$text-warning")


def _progress(session: Session, what: str) -> Content:
    words = session.known.progress.get(what) or _BEGINNING[what]
    return Content.assemble((printable(words), "$text-accent"), ("  Esc stops it", "$text-muted"))


def bars_words(session: Session, name: str, bars: Bars | None, width: int) -> Content:
    """The histogram of a set, with the line of max_seq_length between its bars. `width` is in cells."""
    snapshot = session.snapshot
    if data_problem(snapshot):
        return Content("")
    unit = "Characters" if bars and bars.is_estimate else "Tokens"
    head = heading(f"{unit} in a row of {name}.jsonl")
    lines = [head + Content.styled("  an estimate", "$text-warning bold") if bars and bars.is_estimate else head]
    if is_counting(snapshot, session.known.lengths_subject):
        lines.append(_progress(session, "lengths"))
    elif bars is None or bars.is_estimate:
        lines += _why_no_tokens(session, name)
    if bars is not None:
        lines += _bar_lines(bars, width)
    return Content("\n").join(lines)


def _why_no_tokens(session: Session, name: str) -> Iterator[Content]:
    snapshot = session.snapshot
    if not isinstance(snapshot.dataset, DatasetFacts):
        return
    file = set_facts(snapshot.dataset, name)
    if file is None:
        yield Content.styled(f"There is no {name}.jsonl.", "$text-muted")
    elif problem := tokens_problem(snapshot, session.known.lengths_subject):
        yield Content.styled(printable(problem), "$text-muted")
    elif name == "test":
        yield Content.styled("Test rows are not counted in tokens.", "$text-muted")
    elif not file.rows:
        yield Content.styled(f"{name}.jsonl has no rows.", "$text-muted")


def _bar_lines(bars: Bars, width: int) -> Iterator[Content]:
    most = max(1, *(each.rows for each in bars.bins))
    digits = max((len(f"{each.to or each.above:,}") for each in bars.bins), default=1)
    room = max(8, width - digits - 6 - len(f" {most:,}"))
    for each in bars.bins:
        is_cut = each.above >= bars.line
        ends = f"to {each.to:>{digits},}" if each.to is not None else f"   {'more':>{digits}}"
        bar = _bar(each, room, most, is_cut)
        style = "$text-warning" if is_cut else "$text-primary"
        yield Content.assemble((f"{ends}  ", "$text-muted"), (bar, style), f" {each.rows:,}" if each.rows else "")
        if each.to == bars.line:
            yield _line(bars.words, " · what is longer is cut", width)
    if bars.bins and not any(each.to == bars.line for each in bars.bins):
        yield _line(
            bars.words, ": no row is longer" if bars.line > bars.bins[0].above else ": every row is longer", width
        )


def _bar(each: Bin, room: int, most: int, is_cut: bool) -> str:
    """Cut rows differ by their pattern, too."""
    if is_cut:
        return "▒" * max(1 if each.rows else 0, round(room * each.rows / most))
    whole, rest = divmod(max(1 if each.rows else 0, round(8 * room * each.rows / most)), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _line(words: str, more: str, width: int) -> Content:
    more = more if len(words) + len(more) + 6 <= width else ""
    rest = "─" * max(2, width - len(words) - len(more) - 4)
    return Content.assemble(("── ", "$text-error bold"), (words, "bold"), more, (f" {rest}", "$text-error bold"))


def figures_words(session: Session, name: str, padded: Padded | None, width: int) -> Content:
    """What the values make of the rows of a set. `width` is in cells."""
    snapshot = session.snapshot
    values = snapshot.config.values
    lengths, lens = set_lengths(snapshot, name), set_lens(snapshot, name, padded)
    if lengths is not None and lens is not None:
        figures = token_figures(name, lengths, lens, int(values["batch_size"]))
        bad = {"unread", "no lesson"} | ({"cut"} if lens.cut.rows else set())
        lines = [_figure(figure, words, width, figure in bad) for figure, words in figures]
        learned = (
            "the answer alone (mask_prompt)" if values["mask_prompt"] else "the prompt, too (mask_prompt is false)"
        )
        return Content("\n").join([*lines, _figure("learned", learned, width)])
    file = set_facts(snapshot.dataset, name) if isinstance(snapshot.dataset, DatasetFacts) else None
    if file is None or not file.characters:
        return Content("")
    return _figure("estimate", estimate_words(file, int(values["max_seq_length"])), width)


def _figure(name: str, words: str, width: int, is_bad: bool = False) -> Content:
    return Content.assemble(
        (f"{name:<{_NAME - 2}}", "$text-muted"),
        ("▲ " if is_bad else "  ", "$text-warning"),
        (_indented(words, width), "$text-warning" if is_bad else ""),
    )


def _indented(words: str, width: int) -> str:
    """Wrapped beside its name."""
    return f"\n{'':<{_NAME}}".join(wrap(words, max(20, width - _NAME)))


def suggestion_line(snapshot: Snapshot, key: str, width: int) -> Content:
    """The max_seq_length to take, with its price; empty where the present one is as good."""
    suggestion, lens = better_length(snapshot), set_lens(snapshot, "train")
    if suggestion is None or lens is None:
        return Content("")
    return Content.assemble(
        (f"{'suggested':<{_NAME - 2}}", "$text-muted"),
        ("→ ", "$text-success bold"),
        (_indented(suggestion_words(suggestion, lens.tokens), width), "bold"),
        (f"\n{'':<{_NAME}}{key}, or a click here, takes it", "$text-muted"),
    )
