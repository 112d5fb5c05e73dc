"""What is to be known of a file before its values are trusted: keys that nobody reads, older names, gaps."""

from dataclasses import dataclass
from typing import Any

from app.config.claims import Claim
from app.config.config import ALPHA, DORA, LORA_BLOCK, METHOD, SCALE, Config
from app.config.document import Document, KeyPath
from app.config.registry import BY_KEY, find
from app.config.suggest import instead_of, nearest
from app.config.values import check_value, one_line


@dataclass(frozen=True)
class Notice:
    """Something to know about a file. `level` is error, warning or note."""

    code: str
    level: str
    key: str
    line: int | None
    message: str
    alternative: tuple[tuple[str, Any], ...] = ()
    """The edits (key, value) that take another reading: the one which did not win, or mlx-lm's own."""


def duplicates(document: Document) -> list[Notice]:
    """Keys that stand twice in one mapping."""
    return [
        Notice(
            "duplicate",
            "warning",
            ".".join(duplicate.path),
            duplicate.line,
            f"{'.'.join(duplicate.path)} stands twice; the last one counts, as in mlx-lm. Remove the other.",
        )
        for duplicate in document.duplicates
    ]


def unknown(document: Document, paths: list[KeyPath], winners: dict[str, Claim], config: Config) -> list[Notice]:
    """Entries that nobody reads, each with what was probably meant; `winners` are those that count."""
    return [
        Notice(
            "unknown",
            "warning",
            ".".join(map(str, path)),
            document.lines.get(path),
            f"Neither mlx-lm nor Tunedeck reads {'.'.join(map(str, path))}: {instead_of(str(path[-1]))}",
            _as_meant(path, document, winners, config),
        )
        for path in paths
    ]


def _as_meant(
    path: KeyPath, document: Document, winners: dict[str, Claim], config: Config
) -> tuple[tuple[str, Any], ...]:
    """The edit that a mistyped key was to be, where its value can stand and nothing else says so."""
    *block, name = path
    near = nearest(str(name)) or ""
    parameter = (find(f"{LORA_BLOCK}.{near}") if block else None) or find(near)
    value = document.data[block[0]][name] if block else document.data[name]
    if parameter is None or parameter.key in winners or not parameter.read_from_yaml:
        return ()
    is_said = value is None or value == config.values[parameter.key]
    return () if is_said or check_value(parameter, value) else ((parameter.key, value),)


def ignored(claim: Claim) -> Notice:
    """An entry that mlx-lm has a default for which no file can change."""
    message = f"mlx-lm ignores {claim.name} in a file, and so does Tunedeck."
    if claim.key == "trust_remote_code":
        message += " It is a permission that you give for the session."
    return Notice("ignored", "warning", claim.key, claim.line, message)


def older(claim: Claim, winners: dict[str, Claim], config: Config) -> Notice:
    """A former or foreign name, what it is read as, and the way back to what mlx-lm makes of it."""
    winner = winners.get(SCALE if claim.key == ALPHA and SCALE in winners else claim.key)
    if winner is not None and winner.path != claim.path:
        message = f"mlx-lm ignores {claim.name}, and {winner.name} beside it counts: remove {claim.name}."
        return Notice("older-name", "warning", claim.key, claim.line, message)
    reading = f" {one_line(BY_KEY[claim.key], claim.value)}" if winner else ""
    message = f"mlx-lm ignores {claim.name}; Tunedeck reads it as {claim.key}{reading}, and saving writes it so."
    edits = as_ignored([claim], config) if winner else ()
    return Notice("older-name", "warning", claim.key, claim.line, message, edits)


def incomplete(document: Document) -> list[Notice]:
    """A `lora_parameters` that lacks what mlx-lm asks of it."""
    block = document.data.get(LORA_BLOCK)
    if not isinstance(block, dict):
        return []
    missing = [name for name in ("rank", "scale", "dropout") if block.get(name) is None]
    if not missing:
        return []
    message = f"lora_parameters lacks {', '.join(missing)}, so mlx-lm fails; saving completes it."
    return [Notice("incomplete", "warning", LORA_BLOCK, document.lines.get((LORA_BLOCK,)), message)]


def as_ignored(unheard: list[Claim], config: Config) -> tuple[tuple[str, Any], ...]:
    """The edits that make of entries which mlx-lm ignores what it makes of them."""
    of_views = {ALPHA: SCALE, DORA: METHOD}
    keys = dict.fromkeys(of_views.get(claim.key, claim.key) for claim in unheard)
    edits = [(key, BY_KEY[key].default) for key in BY_KEY if key in keys]
    return tuple((key, value) for key, value in edits if config.values[key] != value)
