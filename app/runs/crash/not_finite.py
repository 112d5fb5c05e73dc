"""A loss that is no number any more: the weights are spoilt, and each further step keeps them so."""

import re

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence

CODE = "loss_not_finite"
_FOUND = re.compile(r"The (?:loss is|weights are) not finite(?: at iteration (\d+))?")
_MILD_SCALE = 10
"""Above it a LoRA scale is worth a word; mlx-lm's own default is 20."""


def recognise(evidence: Evidence) -> Cause | None:
    found = _FOUND.search(evidence.reason)
    if found is None:
        return None
    at = f" at iteration {found.group(1)}" if found.group(1) else ""
    why = "A step was too large, and the weights ran away; what was saved before is sound."
    return Cause(CODE, f"The loss became NaN or infinite{at}", why, tuple(_proposals(evidence)))


def _proposals(evidence: Evidence) -> list[Proposal]:
    rate = evidence.value("learning_rate")
    proposals = []
    if evidence.config and evidence.config.get("lr_schedule"):
        proposals.append(Proposal("Lower the rates of lr_schedule, or give it a warm-up: it replaces learning_rate."))
    elif isinstance(rate, float) and rate > 0:
        lower = float(f"{rate / 3:.0e}")
        words = f"Lower learning_rate from {rate:g} to {lower:g}, which is nearly always the cause."
        proposals.append(Proposal(words, (("learning_rate", lower),)))
    lora = (evidence.config or {}).get("lora_parameters")
    scale = lora.get("scale") if isinstance(lora, dict) else None
    if isinstance(scale, int | float) and scale > _MILD_SCALE:
        proposals.append(Proposal(f"Lower lora_parameters.scale: {scale:g} multiplies every update of the adapter."))
    if evidence.value("mask_prompt"):
        words = "Look for rows whose prompt alone fills max_seq_length: with mask_prompt their loss is NaN."
        proposals.append(Proposal(words))
    return proposals
