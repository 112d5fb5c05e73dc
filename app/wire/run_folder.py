"""Where each thing of a run stands in its folder: the one agreement between trainer and screens."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunFolder:
    """A run on disk. Nothing here touches the disk; the files come as the run goes."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def config(self) -> Path:
        """The YAML file, byte for byte as it was when the run was made."""
        return self.path / "config.yaml"

    @property
    def resolved(self) -> Path:
        """The native configuration that trains, as JSON."""
        return self.path / "resolved.json"

    @property
    def manifest(self) -> Path:
        """Where the run comes from: start directory, source file, versions, machine, permissions."""
        return self.path / "run.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """Everything the trainer's process prints."""
        return self.path / "trainer.log"

    @property
    def trainer(self) -> Path:
        """The trainer's process: `pid` and `identity` (see `app.wire.process`), and the same of its `supervisor`."""
        return self.path / "trainer.json"

    @property
    def stop(self) -> Path:
        """Present once somebody asked the run to end: `stop`, `pause`, or `kill` when it was ended at once."""
        return self.path / "stop"

    @property
    def exit(self) -> Path:
        """How the trainer's process ended: `code` or `signal`, the other null; `pulse`, the last look at its memory;
        `oom_kills`, how many processes the kernel killed for want of memory meanwhile, null where it is not told;
        `memory_limit`, the bytes of address space that it was allowed (ulimit -v), null for no limit."""
        return self.path / "exit.json"

    @property
    def pulse(self) -> Path:
        """The supervisor's last look at the trainer, every few seconds: see `app.wire.pulse`."""
        return self.path / "pulse.json"

    @property
    def best(self) -> Path:
        """The adapter with the lowest validation loss, in a folder named by its iteration."""
        return self.path / "best"

    @property
    def states(self) -> Path:
        """What resuming needs, a folder for each of the last checkpoints."""
        return self.path / "state"

    @property
    def figures(self) -> Path:
        """What was read from the events of a run that has ended, so that a list of runs need not read them again."""
        return self.path / "figures.json"
