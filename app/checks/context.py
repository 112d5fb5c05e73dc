"""What the rules look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.checks.surroundings import Surroundings
from app.config.config import METHOD, Config
from app.config.derived import Derived
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.rows import RowCounts
from app.models.adapters import TrainedSizes
from app.models.facts import ModelFacts


@dataclass(frozen=True)
class Context:
    """One configuration and what is known around it; nothing is said of what is not known."""

    config: Config
    derived: Derived
    rows: RowCounts
    """Of the data that is trained on."""
    total_memory: int | None = None
    """Bytes that this computer has."""
    depth: int | None = None
    """Layers of the model."""
    model: ModelFacts | None = None
    model_problem: str = ""
    """Why nothing is known of the model, one sentence."""
    sizes: TrainedSizes | None = None
    """Of what is trained; None where it cannot be told."""
    surroundings: Surroundings | None = None
    """What stands on this computer; None until it was looked at."""
    workers: int = 1
    """Processes that the training is spread over, which no file says."""
    dataset: DatasetFacts | None = None
    """Of the data folder's files, once they were scanned."""
    lengths: Lengths | None = None
    """Of the rows in tokens."""

    @property
    def values(self) -> Mapping[str, Any]:
        return self.config.values

    @property
    def adapter(self) -> bool:
        """Whether LoRA or DoRA is trained, so that `lora_parameters` count."""
        return self.values[METHOD] != "full"
