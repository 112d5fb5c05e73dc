"""What is learned beside the configuration, and what it means for memory."""

from dataclasses import dataclass
from pathlib import Path

from app.config.config import METHOD, Config, native
from app.machine.state import MachineState
from app.memory.estimate import Estimate, exact_parts
from app.memory.verdict import Verdict, verdicts
from app.models.adapters import TrainedSizes, trained_sizes
from app.models.facts import ModelError, ModelFacts


@dataclass(frozen=True)
class Learned:
    """Of the model that the configuration calls `name`; `problem` says in a sentence why nothing is known."""

    name: str
    facts: ModelFacts | None
    problem: str = ""


@dataclass(frozen=True)
class Memory:
    """What is known of the training's memory. `sizes` and `estimate` are None until the model is known."""

    sizes: TrainedSizes | None = None
    estimate: Estimate | None = None
    verdicts: tuple[Verdict, ...] = ()
    """Empty until the machine has been looked at."""


def learn_model(name: str, start: Path) -> Learned:
    """Facts from a folder or the local cache, else from the hub when it may be asked. Reads disk and network."""
    from app.models.cache import find_model
    from app.models.hub import ask_hub

    try:
        return Learned(name, find_model(name, start) or ask_hub(name))
    except ModelError as error:
        return Learned(name, None, str(error))


def being_looked_for(name: str) -> Learned:
    """What is known while disk or network are being read."""
    return Learned(name, None, "looking for the model …")


class MemoryCounting:
    """Sizes are counted anew only when something that they depend on has changed: a model has hundreds of tensors."""

    def __init__(self) -> None:
        self._facts: ModelFacts | None = None
        self._key: tuple = ()
        self._sizes: TrainedSizes | None = None

    def count(self, config: Config, facts: ModelFacts | None, machine: MachineState | None) -> Memory:
        if facts is None:
            return Memory(verdicts=verdicts(None, machine) if machine else ())
        key = tuple(repr(config.values[name]) for name in _DECISIVE)
        if facts is not self._facts or key != self._key:
            self._facts, self._key, self._sizes = facts, key, trained_sizes(facts, native(config))
        full = config.values[METHOD] == "full"
        estimate = exact_parts(facts, self._sizes, full=full)
        return Memory(self._sizes, estimate, verdicts(estimate, machine) if machine else ())


_DECISIVE = (
    METHOD,
    "num_layers",
    "lora_parameters.rank",
    "lora_parameters.keys",
    "optimizer",
    "optimizer_config",
)
"""What `trained_sizes` reads of a configuration."""
