"""Numbers that follow from the values, and what opening the file had to say."""

from textual.content import Content
from textual.widgets import Static

from app.session.snapshot import Snapshot
from app.wire.text import printable

SYMBOLS = {"error": ("✗", "$text-error"), "warning": ("▲", "$text-warning"), "note": ("·", "$text-muted")}


class DerivedPanel(Static):
    """All of it, for terminals wide enough for a right panel."""

    def __init__(self) -> None:
        super().__init__(id="derived", markup=False)
        self._words = Content()

    def show(self, snapshot: Snapshot) -> None:
        words = derived_words(snapshot)
        if words != self._words:  # an update lays the whole screen out anew
            self._words = words
            self.update(words)


def derived_words(snapshot: Snapshot) -> Content:
    """Every derived number, then every finding, worst first."""
    lines = [Content.styled("Derived", "bold")]
    lines += [Content.assemble((f"{name:<16}", "$text-muted"), value) for name, value in figures(snapshot)]
    said = [Content.assemble((f"{symbol} ", style), words) for symbol, style, words in _said(snapshot)]
    if said:
        lines += [Content(""), Content.styled("Findings", "bold"), *said]
    return Content("\n").join(lines)


class SummaryLine(Static):
    """The same in one line, for narrow terminals."""

    def __init__(self) -> None:
        super().__init__(id="summary", markup=False)
        self._words = ""

    def show(self, snapshot: Snapshot) -> None:
        derived = snapshot.derived
        parts = [f"epochs {_number(derived.epochs)}", f"updates {derived.updates}"]
        parts += [f"effective batch {derived.effective_batch}", f"scale {_number(derived.scale)}"]
        counts = [f"{symbol} {sum(s == symbol for s, _, _ in _said(snapshot))}" for symbol in ("✗", "▲")]
        if said := [count for count in counts if not count.endswith(" 0")]:
            parts.append(f"{' '.join(said)} (^f)")
        words = " · ".join(parts)
        if words != self._words:
            self._words = words
            self.update(Content(words), layout=False)


def figures(snapshot: Snapshot) -> list[tuple[str, str]]:
    derived, values = snapshot.derived, snapshot.config.values
    thrown = f" ({derived.thrown_away} micro-batches lost)" if derived.thrown_away else ""
    rows = snapshot.rows.train if snapshot.rows else None
    return [
        ("training rows", "counting …" if snapshot.rows is None else _number(rows)),
        ("iterations", f"{values['iters']}" + (" (held by epochs)" if snapshot.epochs_held else "")),
        ("epochs", _number(derived.epochs)),
        ("effective batch", f"{derived.effective_batch}"),
        ("updates", f"{derived.updates}{thrown}"),
        ("validations", f"{derived.evaluations}"),
        ("checkpoints", f"{derived.checkpoints}"),
        ("alpha / rank", f"{_number(derived.alpha)} / {values['lora_parameters.rank']}"),
        ("scale", _number(derived.scale)),
    ]


def _said(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    said = [("error", f"{key}: {words}") for key, words in snapshot.errors.items()]
    said += [(finding.level, finding.message) for finding in snapshot.findings]
    said += [
        (notice.level, f"line {notice.line}: {notice.message}" if notice.line else notice.message)
        for notice in snapshot.notices
    ]
    said.sort(key=lambda pair: list(SYMBOLS).index(pair[0]))
    return [(*SYMBOLS[level], printable(words)) for level, words in said]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) and value < 1000 else f"{value:.0f}"
