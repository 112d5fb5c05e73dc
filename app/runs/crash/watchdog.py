"""The GPU's watchdog: macOS, or the CUDA driver of a card with a display, ends what keeps the GPU busy too long.

mlx#3267: it strikes LoRA training while the display is on, and hardly ever while it sleeps. mlx#1231: "Internal Error"
is the same with an older name, and smaller steps mend it.
"""

import re

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence
from app.runs.crash.smaller_steps import smaller_steps

CODE = "gpu_watchdog"
_METAL = re.compile(
    r"\[METAL\].*(Timeout|Impacting ?Interactivity|Internal Error \(0000000e|Hang|SubmissionsIgnored|InnocentVictim)",
    re.IGNORECASE,
)
_CUDA = re.compile(r"launch timed out and was terminated|cudaErrorLaunchTimeout", re.IGNORECASE)


def recognise(evidence: Evidence) -> Cause | None:
    words = evidence.last_words
    if _METAL.search(words):
        why = "A step kept the GPU longer than macOS allows while it has a display to draw; memory is not the matter."
        rest = Proposal("Let the display sleep while it trains, or train over ssh: then macOS is patient (mlx#3267).")
    elif _CUDA.search(words):
        why = "A step kept the card longer than its driver allows while a display hangs on it."
        rest = Proposal("Train on a card without a display, or with no desktop running.")
    else:
        return None
    steps = tuple(each for each in smaller_steps(evidence) if not _takes_longer(each))
    return Cause(CODE, "The GPU's watchdog ended the training", why, (rest, *steps))


def _takes_longer(proposal: Proposal) -> bool:
    return any(key == "grad_checkpoint" for key, _ in proposal.changes)
