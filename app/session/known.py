"""What is learned beside the configuration, late and from other threads' work, and what of it is still true.

A fact is kept with what it is of: once the configuration has moved on, it is not told any more.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.checks.context import Context
from app.checks.surroundings import Surroundings, about
from app.config.config import Config
from app.config.derived import Derived, derive
from app.config.preset_apply import Choice, low_end
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.rows import RowCounts
from app.machine.state import MachineState, usable_memory
from app.session.facts import Learned, Memory, MemoryCounting, job_for

if TYPE_CHECKING:  # all of the simulator, which the file's values need not wait for
    from app.memory.calibration import Calibration
    from app.memory.estimate import Estimate
    from app.memory.estimates import Estimates
    from app.memory.helper_lines import Answer
    from app.memory.job import Job

_FIELDS = ("prompt_feature", "completion_feature", "chat_feature", "text_feature")
_SCANNING = ("data", *_FIELDS)
"""Of which depends what a scan of the files finds."""
_TOKENIZING = ("model", "data", "hf_dataset", "mask_prompt", *_FIELDS, "trust_remote_code")
"""Of which the lengths of rows in tokens depend, beside the files."""


class Known:
    """`config` gives the present configuration; `changed` is called when there is something new to be told."""

    def __init__(self, config: Callable[[], Config], changed: Callable[[], None]):
        self._config, self._changed = config, changed
        self.rows: RowCounts | None = None
        """Of the data folder; None while they are being counted."""
        self.machine: MachineState | None = None
        self.progress: dict[str, str] = {}
        """How far `dataset` and `lengths` are, in words, while they are being learned; written by other threads."""
        self.wanted: Job | None = None
        """To be traced next, after the present training: a preset was looked at that depends on it."""
        self._learned: Learned | None = None
        self._memory = MemoryCounting()
        self._lengths: tuple[str, Lengths | str] = ("", "")
        self._dataset: tuple[str, DatasetFacts | str] = ("", "")
        self._surroundings: Surroundings | None = None

    def forget_folders(self) -> None:
        """Of another file: whatever stands in the folders that it names is looked at anew."""
        self.rows = self._surroundings = None

    # What each fact is of

    @property
    def model_name(self) -> str:
        return str(self._config().values["model"])

    @property
    def lengths_subject(self) -> str:
        """Whatever decides the token lengths of the rows; empty while model or data are not known to be there."""
        is_here = self.learned is not None and self.learned.job is not None
        return self._values(_TOKENIZING) if is_here and self.rows is not None and self.rows.train else ""

    @property
    def dataset_subject(self) -> str:
        """Whatever decides what a scan of the data finds; empty while there is no folder of rows."""
        has_rows = self.rows is not None and self.rows != RowCounts() and not self._config().values["hf_dataset"]
        return self._values(_SCANNING) if has_rows else ""

    @property
    def surroundings_subject(self) -> str:
        """Whatever decides what is looked at on this computer."""
        return repr(about(self._config().values))

    # What arrives

    def model_learned(self, name: str, learned: Learned) -> None:
        if name == self.model_name:
            self._learned = learned
            self._changed()

    def estimates_ready(self, estimates: "Estimates") -> None:
        """From now on memory is estimated from traces."""
        self._memory.estimates = estimates
        self._changed()

    def calibrated(self, calibration: "Calibration") -> None:
        """What was measured on this machine, from now on."""
        if self._memory.estimates is not None:
            self._memory.estimates.calibration = calibration
            self._changed()

    def traced(self, answer: "Answer") -> None:
        """What the memory helper has to say."""
        if answer.traced is not None and self._memory.estimates is not None:
            self._memory.estimates.learn(answer.traced)
        if answer.problem:
            self._memory.problems[answer.structure] = answer.problem
        self._changed()

    def lengths_learned(self, subject: str, lengths: Lengths | str) -> None:
        """Token lengths of the rows, or why they cannot be known; `subject` is the `lengths_subject` they are of."""
        self._lengths = (subject, lengths)
        self._changed()

    def dataset_learned(self, subject: str, dataset: DatasetFacts | str) -> None:
        """What a scan has found, or why it could not; `subject` is the `dataset_subject` it is of."""
        self._dataset = (subject, dataset)
        self._changed()

    def forget_data(self) -> None:
        """The files may have changed: whatever is known of them is to be learned anew."""
        self.rows, self._dataset, self._lengths = None, ("", ""), ("", "")
        self.progress.clear()
        self._changed()

    def surroundings_seen(self, surroundings: Surroundings) -> None:
        if surroundings != self._surroundings:
            self._surroundings = surroundings
            self._changed()

    def machine_seen(self, machine: MachineState) -> None:
        self.machine = machine
        self._changed()

    # What is true of the present configuration: None where it is not known

    @property
    def learned(self) -> Learned | None:
        return self._learned if self._learned and self._learned.name == self.model_name else None

    @property
    def depth(self) -> int | None:
        """The model's layers."""
        return self.learned.facts.layers if self.learned and self.learned.facts else None

    @property
    def lengths(self) -> Lengths | str | None:
        subject, lengths = self._lengths
        return lengths if subject and subject == self.lengths_subject else None

    @property
    def dataset(self) -> DatasetFacts | str | None:
        subject, dataset = self._dataset
        return dataset if subject and subject == self.dataset_subject else None

    @property
    def surroundings(self) -> Surroundings | None:
        seen = self._surroundings
        return seen if seen is not None and seen.about == about(self._config().values) else None

    # What follows

    def derived(self) -> Derived:
        rows = self._trained_rows
        return derive(self._config(), rows.train, rows.valid)

    def memory(self) -> Memory:
        return self._memory.count(self._config(), self.learned, self.machine, self.lengths)

    def context(self, derived: Derived, memory: Memory) -> Context:
        """What the rules look at."""
        learned, lengths, dataset = self.learned, self.lengths, self.dataset
        return Context(
            config=self._config(),
            derived=derived,
            rows=self._trained_rows,
            total_memory=usable_memory(self.machine) if self.machine else None,
            depth=self.depth,
            model=learned.facts if learned else None,
            model_problem=learned.problem if learned else "",
            sizes=memory.sizes,
            surroundings=self.surroundings,
            dataset=dataset if isinstance(dataset, DatasetFacts) else None,
            lengths=lengths if isinstance(lengths, Lengths) else None,
        )

    def predicted(self, job: "Job | None") -> int | None:
        """Bytes of a training's peak before any correction; None while it is not traced."""
        estimates = self._memory.estimates
        return estimates.uncorrected(job) if job is not None and estimates is not None else None

    def choose(self, config: Config, key: str, low: Any, high: Any) -> Choice:
        """A value in a preset's range: the largest that memory surely holds, as far as it was traced."""
        from app.memory.fitting import chooser, judge

        learned, machine, estimates = self.learned, self.machine, self._memory.estimates
        if learned is None or machine is None or estimates is None:
            return low_end(config, key, low, high)

        def ask(config: Config) -> "Estimate | None":
            job = job_for(config, learned, self.lengths)
            if job is None:
                return None
            if not estimates.has(job):
                self.wanted = job
            return estimates.known(job)

        return chooser(ask, judge(machine))(config, key, low, high)

    @property
    def _trained_rows(self) -> RowCounts:
        """Those of the data folder count for nothing beside data of the hub."""
        return (None if self._config().values["hf_dataset"] else self.rows) or RowCounts()

    def _values(self, keys: tuple[str, ...]) -> str:
        values = self._config().values
        return repr([values[key] for key in keys])
