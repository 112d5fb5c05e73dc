"""What a file means, whichever dialect it is written in.

native: mlx-lm's `lora_parameters` and `fine_tune_type`. flat: `lora_rank`, `lora_alpha`, `lora_dropout` and
`use_dora`, which mlx-lm accepts and ignores. A mixture has both; where they disagree, native wins.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum

from app.config import notices
from app.config.claims import Claim, Form, claims
from app.config.config import (
    ALPHA,
    DORA,
    LORA_BLOCK,
    METHOD,
    SCALE,
    Config,
    Origin,
    defaults,
    edit,
)
from app.config.document import Document
from app.config.notices import Notice
from app.config.raw import raw_text
from app.config.registry import BY_KEY, PARAMETERS
from app.config.values import check_value, show_value


class Dialect(Enum):
    NATIVE = "native"
    FLAT = "flat"
    MIXTURE = "mixture"


@dataclass(frozen=True)
class Problem:
    """An entry whose value cannot stand; the configuration has the default in its place."""

    key: str
    line: int | None
    message: str
    text: str
    """The value as the file has it."""


@dataclass(frozen=True)
class Resolution:
    """A file's meaning. The file's text stays as it is until something is saved."""

    document: Document
    config: Config
    dialect: Dialect
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]


def resolve(document: Document) -> Resolution:
    """The configuration that a document means, with what is odd about it. Never raises."""
    found, unknown = claims(document)
    spoken = [claim for claim in found if claim.value is not None]
    heard = [claim for claim in spoken if BY_KEY[claim.key].read_from_yaml]
    winners, problems = _winners(document, heard)
    config = _configured(winners)
    said = [
        *notices.duplicates(document),
        *notices.unknown(document, unknown, winners, config),
        *(notices.ignored(claim) for claim in spoken if claim not in heard and claim.value),
        *(notices.older(claim, winners, config) for claim in found if claim.form is Form.OLDER),
        *notices.incomplete(document),
        *_unheard(heard, winners, config),
        *_disagreements(heard, winners, config),
    ]
    problems.extend(_bad_block(document))
    problems.sort(key=lambda problem: problem.line or 0)
    return Resolution(document, config, _dialect(document, found), tuple(said), tuple(problems))


def _winners(document: Document, heard: list[Claim]) -> tuple[dict[str, Claim], list[Problem]]:
    """The claim that counts for each parameter; a winner whose value cannot stand is a problem instead."""
    by_key: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in heard:
        by_key[claim.key].append(claim)
    winners, problems = {}, []
    for key, group in by_key.items():
        claim = min(group, key=lambda claim: claim.form)
        if key == "optimizer" and isinstance(claim.value, str):
            claim = replace(claim, value=claim.value.lower())  # as mlx-lm does
        if message := check_value(BY_KEY[key], claim.value):
            problems.append(Problem(key, claim.line, message, raw_text(document, claim.path, claim.value)))
        else:
            winners[key] = claim
    return winners, problems


def _configured(winners: dict[str, Claim]) -> Config:
    config = defaults()
    for parameter in PARAMETERS:
        if parameter.key in winners and not parameter.view:
            config = edit(config, parameter.key, winners[parameter.key].value, Origin.FILE)
    alpha, dora = winners.get(ALPHA), winners.get(DORA)
    if alpha and SCALE not in winners:
        config = edit(config, ALPHA, alpha.value, Origin.FILE)
    elif alpha and _agrees(config, alpha):
        config = replace(config, alpha=alpha.value, values={**config.values, ALPHA: alpha.value})
    if dora and (METHOD not in winners or (dora.value and config.values[METHOD] == "lora")):
        config = edit(config, DORA, dora.value, Origin.FILE)
    elif dora and _agrees(config, dora):
        config = replace(config, origins={**config.origins, DORA: Origin.FILE})
    return config


def _agrees(config: Config, claim: Claim) -> bool:
    value = config.values[claim.key]
    if claim.key == ALPHA and isinstance(claim.value, int | float):
        return math.isclose(value, claim.value, rel_tol=1e-9)
    return bool(value == claim.value)


def _disagreements(heard: list[Claim], winners: dict[str, Claim], config: Config) -> list[Notice]:
    return [
        _disagreement(claim, config)
        for claim in heard
        if (claim.key in winners and claim.path != winners[claim.key].path) or BY_KEY[claim.key].view
        if not check_value(BY_KEY[claim.key], claim.value) and not _agrees(config, claim)
    ]


def _disagreement(claim: Claim, config: Config) -> Notice:
    shown = show_value(BY_KEY[claim.key], claim.value)
    winner = {ALPHA: SCALE, DORA: METHOD}.get(claim.key, claim.key)
    value = show_value(BY_KEY[winner], config.values[winner])
    message = f"{claim.name} says {shown}, but {winner} says {value}, which is what trains; choose one of them."
    return Notice("disagreement", "error", claim.key, claim.line, message, ((claim.key, claim.value),))


def _unheard(heard: list[Claim], winners: dict[str, Claim], config: Config) -> list[Notice]:
    """One notice for all flat keys that do their work alone: mlx-lm would train without them."""

    def is_alone(claim: Claim) -> bool:
        if claim.key == DORA:
            return claim.value and (METHOD not in winners or winners[METHOD].value == "lora")
        return claim.key != ALPHA or SCALE not in winners

    alone = [
        claim for claim in heard if claim.form is Form.FLAT and winners.get(claim.key) == claim and is_alone(claim)
    ]
    if not alone:
        return []
    names = ", ".join(claim.name for claim in alone)
    them = "it" if len(alone) == 1 else "them"
    message = f"mlx-lm ignores {names}. Tunedeck reads {them}, and saving adds what mlx-lm reads."
    return [Notice("flat", "warning", alone[0].key, alone[0].line, message, notices.as_ignored(alone, config))]


def _bad_block(document: Document) -> list[Problem]:
    block = document.data.get(LORA_BLOCK)
    if block is None or isinstance(block, dict):
        return []
    path = (LORA_BLOCK,)
    message = "This wants rank, scale and dropout, each on an indented line below it."
    return [Problem(LORA_BLOCK, document.lines.get(path), message, raw_text(document, path, block))]


def _dialect(document: Document, found: list[Claim]) -> Dialect:
    if not any(claim.form is Form.FLAT for claim in found):
        return Dialect.NATIVE
    return Dialect.MIXTURE if LORA_BLOCK in document.data else Dialect.FLAT
