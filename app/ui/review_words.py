"""What Review says, made of the snapshot."""

import difflib
from pathlib import Path

from textual.content import Content

from app.config.command_line import command_line, file_command
from app.config.document import Document
from app.config.edits import CannotEdit
from app.config.groups import GROUPS
from app.config.registry import BY_KEY
from app.config.stock import stock
from app.session.review import review_lines
from app.session.snapshot import Snapshot
from app.session.store import Session
from app.ui.form_rows import origin_word
from app.ui.side_words import SYMBOLS, said_of
from app.wire.text import printable


def summary(snapshot: Snapshot, duration: str) -> Content:
    said = said_of(snapshot)
    parts = []
    for symbol, style, name in (("✗", "$text-error bold", "error"), ("▲", "$text-warning bold", "warning")):
        count = sum(each[0] == symbol for each in said)
        if count:
            parts.append(Content.styled(f"{symbol} {count} {name}{'s' * (count > 1)}", style))
    if not parts:
        parts.append(Content.styled("✓ no errors, no warnings", "$text-success bold"))
    file = printable(str(snapshot.path)) if snapshot.path else "no file yet"
    saved = "● not saved" if snapshot.dirty else "saved"
    parts.append(Content(f"{file}, {saved}"))
    parts.append(Content(f"duration {duration}"))
    return Content("  ·  ").join(parts)


def findings(snapshot: Snapshot, mendable_drafts: int) -> Content:
    said = said_of(snapshot)
    if not said:
        return Content("Nothing is wrong with these values, as far as they tell by themselves.")
    mendable = sum(1 for finding in snapshot.findings if finding.fix) + mendable_drafts
    mendable += sum(1 for notice in snapshot.notices if notice.alternative)
    lines = [Content.assemble((f"{symbol} ", style), words) for symbol, style, words in said]
    if mendable:
        lines += [Content(""), Content.styled(f"{mendable} of these can be mended: press m, or click here.", "bold")]
    return Content("\n").join(lines)


def text(session: Session) -> Content:
    """The whole text as it would be saved, with the lines that change against the file."""
    try:
        new = session.rendered()
    except CannotEdit as error:
        return Content.styled(f"✗ {printable(str(error))}", "$text-error")
    if session.snapshot.path is None:
        return Content("\n").join(map(Content, map(printable, new.splitlines())))
    old = session.snapshot.document.text
    styles = {"+": "$text-success", "-": "$text-error", "?": "", " ": ""}
    lines = [
        Content.styled(f"{line[0]} {printable(line[2:])}", styles[line[0]])
        for line in difflib.ndiff(old.splitlines(), new.splitlines())
        if line[0] != "?"
    ]
    return Content("\n").join(lines)


def values(snapshot: Snapshot, on_disk: Document | None, width: int) -> Content:
    """Every value that trains, where it comes from, and what plain mlx-lm would take from the file as it is.

    `width` is in cells: what is left of it after the names goes to the values.
    """
    room = max(8, min(40, width - 26 - 9 - 1))
    by_key = {line.key: line for line in review_lines(snapshot.config, on_disk)}
    lines = []
    if on_disk is not None and (failure := stock(on_disk).failure):
        lines += [
            Content.styled(f"▲ Plain mlx-lm on the file as it is now: {printable(failure)}", "$text-warning"),
            Content(""),
        ]
    for group in GROUPS:
        lines.append(Content.styled(group.label, "bold"))
        for line in by_key.values():
            if BY_KEY[line.key].group != group.id:
                continue
            mark = "● " if line.differs_from_file else "  "
            stock_words = f"\n    plain mlx-lm, from the file as it is: {line.stock}" if line.stock is not None else ""
            lines.append(
                Content.assemble(
                    (mark, "$text-accent"),
                    f"{line.key:<23} ",
                    Content(line.value).truncate(room, ellipsis=True, pad=True),
                    (f" {origin_word(line.key, snapshot):<8}", "$text-muted"),
                    (stock_words, "$text-warning"),
                )
            )
    return Content("\n").join(lines)


def commands(snapshot: Snapshot) -> Content:
    """How to train the same without Tunedeck."""
    line = command_line(snapshot.config)
    file = file_command(snapshot.path or Path("train.yaml"))
    parts = [Content.styled("With the file, once it is saved", "bold"), Content(printable(file)), Content("")]
    parts += [Content.styled("With flags alone", "bold"), Content(printable(line.text))]
    if line.unsaid:
        names = ", ".join(line.unsaid)
        parts.append(Content.styled(f"▲ No flag can say {names}: only the file trains these.", SYMBOLS["warning"][1]))
    parts += [Content(""), Content.styled("c copies the command, y the YAML", "$text-muted")]
    return Content("\n").join(parts)
