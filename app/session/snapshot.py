"""The one frozen value that a screen shows of the configuration being edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.checks.finding import Finding
from app.checks.surroundings import Surroundings
from app.config.config import Config
from app.config.derived import Derived
from app.config.dialect import Notice
from app.config.document import Document
from app.config.preset_file import Preset
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.rows import RowCounts
from app.machine.state import MachineState
from app.session.facts import Learned, Memory


@dataclass(frozen=True)
class Snapshot:
    document: Document
    config: Config
    derived: Derived
    drafts: Mapping[str, str] = field(default_factory=dict)
    """Text that is not (yet) a value, by key: shown as typed, never trained."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Why each draft is no value, one sentence."""
    notices: tuple[Notice, ...] = ()
    """What opening the file had to say, as far as it still stands."""
    findings: tuple[Finding, ...] = ()
    """What the values say now."""
    edited: frozenset[str] = frozenset()
    """Keys whose value, or draft, differs from what the file says."""
    presets: tuple[Preset, ...] = ()
    """Those applied, in their order."""
    rows: RowCounts | None = None
    """None while rows are being counted."""
    model: Learned | None = None
    """None while the name is still being typed: the model is looked for once it stands."""
    machine: MachineState | None = None
    """None until the first look."""
    memory: Memory = field(default_factory=Memory)
    lengths: Lengths | str | None = None
    """Of the rows in tokens, or why they cannot be known; None while they are being counted."""
    dataset: DatasetFacts | str | None = None
    """Of the data folder's files, or why they cannot be known; None while they are scanned, and for data of the hub."""
    surroundings: Surroundings | None = None
    """What stands on this computer; None until it was looked at."""
    epochs_held: bool = False
    """True when epochs were typed last: iters then follow rows and batch size."""
    generation: int = 0
    """Grows when values come from elsewhere than typing (undo, another file): only then may a screen rewrite a text
    that has the cursor in it."""
    can_undo: bool = False
    can_redo: bool = False

    @property
    def path(self) -> Path | None:
        return self.document.path

    @property
    def dirty(self) -> bool:
        """Whether leaving would lose something: an edit, or a text that is in no file yet."""
        return bool(self.edited) or (self.document.path is None and bool(self.document.text))
