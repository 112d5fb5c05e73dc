"""What makes each step of a training smaller: the mending of all that comes of steps that are too large."""

from app.runs.crash.cause import Proposal
from app.runs.crash.evidence import Evidence

LEAST_LENGTH = 256
"""Tokens below which nobody is advised to cut rows."""

FIT = Proposal("Fit memory (f on the forms) finds what fits this computer, with its price.")


def smaller_steps(evidence: Evidence) -> tuple[Proposal, ...]:
    """The cheapest first: what changes no result, then what changes the rows of a step, then what cuts them."""
    batch, group = evidence.value("batch_size"), evidence.value("grad_accumulation_steps")
    proposals = []
    if not evidence.value("grad_checkpoint"):
        words = "Set grad_checkpoint to true: activations are computed twice, not kept."
        proposals.append(Proposal(words, (("grad_checkpoint", True),)))
    if isinstance(batch, int) and isinstance(group, int) and batch > 1:
        proposals.append(_smaller_batch(batch, group, evidence))
    length = evidence.value("max_seq_length")
    if isinstance(length, int) and length > LEAST_LENGTH:
        shorter = max(LEAST_LENGTH, length // 2)
        words = f"Lower max_seq_length from {length} to {shorter}: longer rows lose their end."
        proposals.append(Proposal(words, (("max_seq_length", shorter),)))
    return tuple(proposals)


def _smaller_batch(batch: int, group: int, evidence: Evidence) -> Proposal:
    """`iters` counts micro-batches: with half the batch, twice as many see the same rows, from what is saved on."""
    factor = 2 if batch % 2 == 0 else batch
    changes = [("batch_size", batch // factor), ("grad_accumulation_steps", group * factor)]
    if evidence.iters:
        saved = evidence.saved or 0
        changes.append(("iters", saved + (evidence.iters - saved) * factor))
    rest = " and ".join(f"{key} to {value}" for key, value in changes[1:])
    words = f"Lower batch_size from {batch} to {batch // factor} and set {rest}: the same rows make an update."
    return Proposal(words, tuple(changes))
