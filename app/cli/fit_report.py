"""What `tunedeck fit` has found, in lines and in JSON."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.cli.sizes import size_words
from app.cli.weighing import Weighing
from app.memory.estimate import Estimate
from app.memory.fitting import Largest, Proposal
from app.memory.verdict import Level


@dataclass(frozen=True)
class Found:
    """The file as it stands, and ways that are green, the best first."""

    level: Level
    estimate: Estimate | None
    vary: str | None
    """The key that was to be varied alone; None for any."""
    proposals: tuple[Proposal, ...] = ()
    varied: Largest | None = None

    @property
    def best(self) -> Proposal | None:
        """What a file would be written with; None where it would be as it is, or nothing was found."""
        if self.vary is None and self.level is Level.GREEN:
            return None
        return next((proposal for proposal in self.proposals if proposal.changes or self.varied), None)

    @property
    def is_vain(self) -> bool:
        """Whether there is nothing green that could be written."""
        return self.best is None and (self.level is not Level.GREEN or self.vary is not None)


def as_json(weighed: Weighing, found: Found, written: Path | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "level": found.level.name.lower(),
        "peak_bytes": found.estimate.peak_bytes if found.estimate else None,
        "proposals": [_proposal(proposal) for proposal in found.proposals],
        "written": str(written) if written else None,
        "problem": weighed.problem,
        "notes": weighed.notes,
    }
    if found.vary:
        told["varied"] = _varied(weighed, found.varied) if found.varied else None
    return told


def _proposal(proposal: Proposal) -> dict[str, Any]:
    estimate, price = proposal.estimate, proposal.price
    return {
        "title": proposal.title,
        "changes": dict(proposal.changes),
        "level": proposal.level.name.lower(),
        "peak_bytes": estimate.peak_bytes,
        "low_bytes": estimate.low_bytes,
        "high_bytes": estimate.high_bytes,
        "price": {
            "words": price.words,
            "time": round(price.time, 3),
            "lost": round(price.lost, 4),
            "cut": asdict(price.cut) if price.cut else None,
        },
    }


def _varied(weighed: Weighing, varied: Largest) -> dict[str, Any]:
    beyond = varied.beyond_estimate
    return {
        "key": varied.key,
        "value": varied.value,
        "next": varied.beyond,
        "next_peak_bytes": beyond.peak_bytes if beyond else None,
        "next_level": weighed.level(beyond).name.lower() if beyond else None,
        "limit": varied.limit,
    }


def lines(weighed: Weighing, found: Found, written: Path | None) -> Iterator[str]:
    level = found.level
    yield f"{weighed.document.path}: {level.symbol} {level.word}{_peak(found.estimate)}"
    if found.varied:
        yield f"The largest {found.vary} that fits is {found.varied.value}: {_beyond(weighed, found.varied)}."
    elif found.is_vain:
        yield f"No {found.vary} fits." if found.vary else "Nothing was found that surely fits."
    elif found.proposals:
        yield "There is room, for one of these:" if level is Level.GREEN else "Each of these fits, the cheapest first:"
    for proposal in found.proposals:
        if proposal.title:
            yield f"  {proposal.level.symbol} {proposal.title}{_peak(proposal.estimate)}"
            yield from (f"      {words}" for words in proposal.price.words)
    if written:
        yield f"{written}: written, {found.best.title if found.best and found.best.title else 'as it was'}."


def _peak(estimate: Estimate | None) -> str:
    if estimate is None or estimate.peak_bytes is None or estimate.high_bytes is None:
        return ""
    return f", {size_words(estimate.peak_bytes)}, at most {size_words(estimate.high_bytes)}"


def _beyond(weighed: Weighing, varied: Largest) -> str:
    if varied.beyond is None:
        return varied.limit
    beyond = varied.beyond_estimate
    if beyond is None:
        return f"what {varied.beyond} needs is not known"
    return f"{varied.beyond} would be {weighed.level(beyond).word}{_peak(beyond)}"
