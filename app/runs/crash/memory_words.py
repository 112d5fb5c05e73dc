"""The memory at the time of death, against what was estimated, in words."""

from app.runs.crash.evidence import Evidence
from app.runs.wording import size


def memory_words(evidence: Evidence) -> str:
    """What the last look from outside saw, and MLX's own count; empty when neither is known."""
    return " ".join(filter(None, (_seen(evidence), _counted(evidence))))


def _seen(evidence: Evidence) -> str:
    pulse = evidence.pulse
    if pulse is None:
        return ""
    swap = f", {size(pulse.swap_used)} swapped out" if pulse.swap_used else ""
    return (
        f"At the last look the trainer held {size(pulse.trainer)}, {size(pulse.highest)} at most; "
        f"{size(pulse.available)} of the computer's {size(pulse.total)} were free{swap}."
    )


def _counted(evidence: Evidence) -> str:
    peak, expected = evidence.peak, evidence.expected_peak
    if peak and expected:
        by = "within the estimate" if peak <= expected else f"{peak / expected - 1:.0%} more than estimated"
        return f"MLX's peak was {size(peak)} of at most {size(expected)}: {by}."
    if peak:
        return f"MLX's peak was {size(peak)}; it was not estimated before."
    return f"MLX's peak was estimated at {size(expected)} at most." if expected else ""
