"""Trainer and supervisor are gone without a word: the computer itself went down, or all was killed at once."""

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence

CODE = "lost"


def recognise(evidence: Evidence) -> Cause | None:
    if evidence.recorded:
        return None
    if evidence.same_boot is False:
        return Cause(CODE, "The computer went down while it trained", _why_down(evidence), _proposals(evidence))
    if evidence.same_boot is None:
        why = "Neither the trainer nor who watched over it left a word, as when a computer is switched off."
        return Cause(CODE, "It ended without a trace", why)
    why = (
        "The trainer and who watched over it ended at once, while the computer ran on: a session, a container or a job "
        "was closed with all that was in it."
    )
    keep = Proposal("On Linux, `loginctl enable-linger` lets processes outlive the session that began them.")
    return Cause(CODE, "It was ended together with what watched over it", why, (keep,))


def _why_down(evidence: Evidence) -> str:
    why = "It was switched off, lost its power, restarted or crashed: it has been started anew since."
    return f"{why} Hardly any memory was left at the last look." if evidence.memory_was_scarce else why


def _proposals(evidence: Evidence) -> tuple[Proposal, ...]:
    """mlx#3267 tells of Macs that restart by themselves while the GPU trains and draws at once."""
    mac = Proposal("If a Mac did it by itself: let the display sleep while it trains (mlx#3267), and lower its memory.")
    power = Proposal("Lower save_every, so that less is lost the next time.")
    return (power, mac) if _is_mac(evidence) else (power,)


def _is_mac(evidence: Evidence) -> bool:
    return evidence.system.startswith(("macOS", "Darwin"))
