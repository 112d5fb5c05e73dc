"""What stands beside a form: memory, the numbers that follow from the values, and what is wrong with them."""

from collections.abc import Sequence

from textual.content import Content

from app.machine.state import MachineState
from app.memory.estimate import Estimate, Method, Part
from app.memory.verdict import Level, overall
from app.models.adapters import TrainedSizes
from app.models.facts import ModelFacts
from app.session.snapshot import Snapshot
from app.wire.text import printable

SYMBOLS = {"error": ("✗", "$text-error"), "warning": ("▲", "$text-warning"), "note": ("·", "$text-muted")}


BAR = 8
"""Cells of the longest bar of a part."""
LEVELS = {
    Level.GREEN: "$text-success",
    Level.UNKNOWN: "$text-muted",
    Level.YELLOW: "$text-warning",
    Level.RED: "$text-error",
}


def memory_words(snapshot: Snapshot, run: str = "") -> Content:
    """The verdict, the peak with its band, what it is made of, largest first, and what the machine has.

    `run` is what a run that is under way takes of it now.
    """
    lines = [_verdict_line(snapshot)]
    learned, estimate = snapshot.model, snapshot.memory.estimate
    if estimate is not None:
        lines += _peak_lines(estimate, snapshot)
        lines += _part_lines(estimate.parts)
    if snapshot.memory.problem:
        lines.append(Content.styled(f"Not traced: {printable(snapshot.memory.problem)}", "$text-warning"))
    if learned is not None and learned.facts is not None:
        lines.append(Content.styled(model_words(learned.facts, snapshot.memory.sizes), "$text-muted"))
    elif learned is not None:
        lines.append(Content.styled(printable(learned.problem), "$text-muted"))
    lines += [
        Content.assemble((f"{verdict.level.symbol} {verdict.subject}: ", LEVELS[verdict.level]), verdict.words)
        for verdict in snapshot.memory.verdicts
        if verdict.level in (Level.RED, Level.YELLOW)
    ]
    if snapshot.memory.is_exact and snapshot.memory.verdicts and _level(snapshot) in (Level.RED, Level.YELLOW):
        lines.append(Content.assemble(("Fit memory", "bold"), (" (^p) says what would fit", "$text-muted")))
    if run:
        lines.append(Content.assemble(("this run ", "$text-muted"), run))
    if (machine := snapshot.machine) is not None:
        lines += machine_lines(machine)
    return Content("\n").join(lines)


def _level(snapshot: Snapshot) -> Level:
    return overall(snapshot.memory.verdicts).level


def panel_words(snapshot: Snapshot, run: str = "") -> Content:
    """All that the panel says, for a terminal without room for it."""
    parts = (memory_words(snapshot, run), derived_words(snapshot), findings_words(snapshot))
    return Content("\n\n").join(part for part in parts if part.plain)


def heading(words: str) -> Content:
    """The name of a part of a panel."""
    return Content.assemble(("▪ ", "$text-accent"), (words, "bold"))


def _verdict_line(snapshot: Snapshot) -> Content:
    head = Content.assemble(heading("Memory"), "  ")
    if not snapshot.memory.verdicts:
        return head + Content.styled("looking …", "$text-muted")
    level = _level(snapshot)
    return head + Content.styled(f"{level.symbol} {level.word}", f"{LEVELS[level]} bold")


def _peak_lines(estimate: Estimate, snapshot: Snapshot) -> list[Content]:
    """The likely peak and how it is known; nothing while only parts of it are."""
    is_awaited = snapshot.memory.job is not None and not snapshot.memory.is_exact and not snapshot.memory.problem
    if estimate.peak_bytes is None:
        return [Content.styled("tracing the step …", "$text-muted")] if is_awaited else []
    if estimate.high_bytes is None:
        return [Content.assemble("about ", (bytes_words(estimate.peak_bytes), "bold"), (" · tracing …", "$text-muted"))]
    band = f" ({_bare(estimate.low_bytes)} to {bytes_words(estimate.high_bytes)})"
    peak = Content.assemble("peak ", (bytes_words(estimate.peak_bytes), "bold"), band)
    known = "probed" if estimate.method is Method.PROBED else "traced"
    point = snapshot.memory.job.point if snapshot.memory.job else None
    batch = f", batch {point.batch} x {point.width} tokens" if point else ""
    return [peak, Content.styled(f"{known}{batch}, {_PHASES.get(estimate.phase, estimate.phase)}", "$text-muted")]


_PHASES = {"update": "at the update", "accumulate": "between updates", "validate": "in validation"}


def _part_lines(parts: Sequence[Part]) -> list[Content]:
    """Those that count: a hundredth of the largest at least."""
    largest = max(part.bytes for part in parts)
    shown = sorted((part for part in parts if part.bytes * 100 >= largest), key=lambda part: -part.bytes)
    return [_part_line(part.name, part.bytes, largest) for part in shown]


def _part_line(name: str, size: int, largest: int) -> Content:
    filled = max(1, round(BAR * size / largest))
    return Content.assemble((f"{name:<17}", "$text-muted"), f"{bytes_words(size):>8} ", ("━" * filled, "$text-accent"))


def _bare(size: int) -> str:
    """Without its unit, where the same follows."""
    return bytes_words(size).split()[0]


def model_words(facts: ModelFacts, sizes: TrainedSizes | None) -> str:
    """The model in a line: type, layers, size of its weights, and the share that is trained."""
    parts = [printable(facts.model_type)]
    if facts.layers is not None:
        parts.append(f"{sizes.layers} of {facts.layers} layers" if sizes else f"{facts.layers} layers")
    if facts.quantization is not None:
        parts.append(f"{facts.quantization.bits}-bit")
    elif facts.dtype:
        parts.append(facts.dtype)
    if facts.parameters:
        parts.append(f"{_count_words(facts.parameters)} weights")
    if sizes is not None and sizes.share is not None:
        share = f" ({sizes.share:.2%})" if sizes.share < 1 else ""
        parts.append(f"{_count_words(sizes.parameters)} trained{share}")
    words = ", ".join(parts)
    return f"{words}. {printable(facts.cannot_train)}" if facts.cannot_train else words


def _count_words(parameters: int) -> str:
    return f"{parameters / 1e9:.2f}B" if parameters >= 1e8 else f"{parameters / 1e6:.1f}M"


def machine_lines(machine: MachineState) -> list[Content]:
    memory = machine.memory
    figures = [("RAM", bytes_words(memory.total)), ("available", bytes_words(memory.available))]
    figures += [("swap", bytes_words(memory.swap_used))] if memory.swap_used else []
    if machine.ceiling is not None:
        figures.append(("GPU", bytes_words(machine.ceiling.bytes)))
    lines = [Content.assemble(*(part for name, size in figures for part in ((f"{name} ", "$text-muted"), f"{size}  ")))]
    if machine.processes:
        largest = ", ".join(f"{printable(one.name)} {bytes_words(one.resident)}" for one in machine.processes)
        lines.append(Content.styled(f"others: {largest}", "$text-muted"))
    return lines


def bytes_words(size: int) -> str:
    """GB of 1e9 to a tenth, as mlx-lm reports peak memory; MB below a tenth of one."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB" if size < 1e7 else f"{size / 1e6:.0f} MB"


def derived_words(snapshot: Snapshot) -> Content:
    lines = [heading("Derived")]
    lines += [Content.assemble((f"{name:<16}", "$text-muted"), value) for name, value in _figures(snapshot)]
    return Content("\n").join(lines)


def findings_words(snapshot: Snapshot) -> Content:
    """Every finding, worst first; empty when there is nothing to say."""
    said = said_of(snapshot)
    if not said:
        return Content("")
    lines = [Content.assemble((f"{symbol} ", style), words) for symbol, style, words in said]
    return Content("\n").join([heading("Findings"), *lines])


def summary_words(snapshot: Snapshot) -> Content:
    """All of it in one line, for terminals without room for a panel."""
    derived = snapshot.derived
    parts = [f"epochs {_number(derived.epochs)}", f"updates {derived.updates}"]
    parts += [f"effective batch {derived.effective_batch}", f"scale {_number(derived.scale)}"]
    counts = [(symbol, style, sum(s == symbol for s, _, _ in said_of(snapshot))) for symbol, style in SYMBOLS.values()]
    found = [Content.styled(f"{symbol} {count}", style) for symbol, style, count in counts if count and symbol != "·"]
    return Content(" · ").join([*_memory_in_short(snapshot), *found, Content(" · ".join(parts))])


def _memory_in_short(snapshot: Snapshot) -> list[Content]:
    if not snapshot.memory.verdicts:
        return []
    level = _level(snapshot)
    return [Content.assemble("memory ", _need_in_short(snapshot), (f"{level.symbol} {level.word}", LEVELS[level]))]


def _need_in_short(snapshot: Snapshot) -> str:
    estimate = snapshot.memory.estimate
    if estimate is None:
        return ""
    if estimate.peak_bytes is None:
        return f"at least {bytes_words(estimate.low_bytes)} "
    return f"{'' if estimate.high_bytes else 'about '}{bytes_words(estimate.peak_bytes)} "


def said_of(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """Symbol, style and words of everything there is to say, worst first."""
    said = [("error", f"{key}: {words}") for key, words in snapshot.errors.items()]
    said += [(finding.level, finding.message) for finding in snapshot.findings]
    said += [
        (notice.level, f"line {notice.line}: {notice.message}" if notice.line else notice.message)
        for notice in snapshot.notices
    ]
    said.sort(key=lambda pair: list(SYMBOLS).index(pair[0]))
    return [(*SYMBOLS[level], printable(words)) for level, words in said]


def _figures(snapshot: Snapshot) -> list[tuple[str, str]]:
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


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) and value < 1000 else f"{value:.0f}"
