"""What is learned beside the configuration, and what it means for memory."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.config.config import METHOD, Config, native
from app.data.lengths import Lengths, padded_width
from app.machine.state import MachineState
from app.memory.estimate import Estimate, exact_parts
from app.memory.family import Point
from app.memory.job import Job, job_of, rows_bytes
from app.memory.verdict import Verdict, verdicts
from app.models.adapters import TrainedSizes, trained_sizes
from app.models.facts import ModelError, ModelFacts

if TYPE_CHECKING:  # all of the simulator, which the file's values need not wait for
    from app.memory.estimates import Estimates


@dataclass(frozen=True)
class Learned:
    """Of the model that the configuration calls `name`; `problem` says in a sentence why nothing is known."""

    name: str
    facts: ModelFacts | None
    problem: str = ""
    job: Job | None = None
    """To be traced, once a configuration is put into it; None for a model that is not on this computer."""


@dataclass(frozen=True)
class Memory:
    """What is known of the training's memory. `sizes` and `estimate` are None until the model is known."""

    sizes: TrainedSizes | None = None
    estimate: Estimate | None = None
    verdicts: tuple[Verdict, ...] = ()
    """Empty until the machine has been looked at."""
    job: Job | None = None
    """What `estimate` is of; None while it cannot be traced."""
    is_exact: bool = False
    """Whether the job's own structure was traced."""
    problem: str = ""
    """Why it cannot be traced, one sentence."""


def learn_model(name: str, start: Path) -> Learned:
    """Facts from a folder or the local cache, else from the hub when it may be asked. Reads disk and network."""
    from app.models.cache import find_model
    from app.models.hub import ask_hub

    try:
        facts = find_model(name, start) or ask_hub(name)
    except ModelError as error:
        return Learned(name, None, str(error))
    job = job_of(facts, {}, Point(1, 1), trusts_remote_code=False) if facts else None
    return Learned(name, facts, job=job)


def being_looked_for(name: str) -> Learned:
    """What is known while disk or network are being read."""
    return Learned(name, None, "looking for the model …")


class MemoryCounting:
    """Sizes are counted anew only when something that they depend on has changed: a model has hundreds of tensors."""

    def __init__(self) -> None:
        self._facts: ModelFacts | None = None
        self._key: tuple = ()
        self._sizes: TrainedSizes | None = None
        self.estimates: Estimates | None = None
        """What was traced; None until the first look at this installation."""
        self.problems: dict[str, str] = {}
        """By structure, why it cannot be traced."""

    def count(
        self, config: Config, learned: Learned | None, machine: MachineState | None, lengths: Lengths | str | None
    ) -> Memory:
        facts = learned.facts if learned else None
        if learned is None or facts is None:
            return Memory(verdicts=verdicts(None, machine) if machine else ())
        key = tuple(repr(config.values[name]) for name in _DECISIVE)
        if facts is not self._facts or key != self._key:
            self._facts, self._key, self._sizes = facts, key, trained_sizes(facts, native(config))
        estimate = exact_parts(facts, self._sizes, full=config.values[METHOD] == "full")
        job, is_exact, problem = job_for(config, learned, lengths), False, ""
        if job is not None and self.estimates is not None:
            problem = self.problems.get(self.estimates.structure(job), "")
            if traced := self.estimates.known(job):
                estimate, is_exact = traced, True
            elif estimate is not None and not problem:
                estimate = self.estimates.like(job, estimate) or estimate
        known = lengths if isinstance(lengths, Lengths) else None
        found = verdicts(estimate, machine, rows_bytes=rows_bytes(known)) if machine else ()
        return Memory(self._sizes, estimate, found, job, is_exact, problem)


def job_for(config: Config, learned: Learned, lengths: Lengths | str | None) -> Job | None:
    """What to trace for a configuration; None for a model that is not here or cannot be trained.

    Batches are as wide as mlx-lm pads them when the rows are known, else as wide as they may be.
    """
    values = config.values
    if learned.job is None or learned.facts is None or learned.facts.cannot_train or not values["train"]:
        return None
    longest, batch = int(values["max_seq_length"]), int(values["batch_size"])
    training, validation = longest, None
    if isinstance(lengths, Lengths):
        training = padded_width(lengths.train, longest, batch) or longest
        validation = padded_width(lengths.valid, longest, batch)
    return replace(
        learned.job,
        config=native(config),
        point=Point(batch, training),
        validation=Point(batch, validation) if validation else None,
        trusts_remote_code=bool(values["trust_remote_code"]),
    )


_DECISIVE = (
    METHOD,
    "num_layers",
    "lora_parameters.rank",
    "lora_parameters.keys",
    "optimizer",
    "optimizer_config",
)
"""What `trained_sizes` reads of a configuration."""
