"""A loss that is no number any more: the weights are spoilt, and each further step keeps them so."""

import re
from collections.abc import Iterator

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence

CODE = "loss_not_finite"
_FOUND = re.compile(r"The loss is not finite at iteration (\d+)")
_NOTHING_TRAINED = "no token of this batch is trained"
_MILD_SCALE = 10
"""Above it a LoRA scale is worth a word; mlx-lm's own default is 20."""


def recognise(evidence: Evidence) -> Cause | None:
    """The sentence is the trainer's own: `app.engine.loop`."""
    found = _FOUND.search(evidence.reason)
    if found is None:
        return None
    title = f"The loss became NaN or infinite at iteration {int(found.group(1)):,}"
    if _NOTHING_TRAINED in evidence.reason:
        why = "No token of that batch is trained: with mask_prompt, a prompt that fills max_seq_length leaves none."
        return Cause(CODE, title, why, tuple(_longer(evidence)))
    why = "A step was too large, and the weights ran away; what was saved before is sound."
    return Cause(CODE, title, why, tuple(_gentler(evidence)))


def _longer(evidence: Evidence) -> Iterator[Proposal]:
    length = evidence.value("max_seq_length")
    if isinstance(length, int):
        words = f"Raise max_seq_length from {length} to {length * 2}, which takes more memory."
        yield Proposal(words, (("max_seq_length", length * 2),))
    yield Proposal("Remove the rows whose prompt is that long: `tunedeck data` (d on the forms) names them.")


def _gentler(evidence: Evidence) -> Iterator[Proposal]:
    rate, config = evidence.value("learning_rate"), evidence.config or {}
    if config.get("lr_schedule"):
        yield Proposal("Lower the rates of lr_schedule, or give it a longer warm-up: it stands for learning_rate.")
    elif isinstance(rate, float) and rate > 0:
        lower = float(f"{rate / 3:.0e}")
        words = f"Lower learning_rate from {rate:g} to {lower:g}: a rate that is too high is the usual cause."
        yield Proposal(words, (("learning_rate", lower),))
    lora = config.get("lora_parameters")
    scale = lora.get("scale") if isinstance(lora, dict) else None
    if isinstance(scale, int | float) and scale > _MILD_SCALE:
        words = f"Lower lora_parameters.scale: {scale:g} multiplies whatever the adapter says."
        yield Proposal(words, (("lora_parameters.scale", scale / 2),))
