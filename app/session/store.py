"""The session: the configuration being edited, its past, and the facts that arrive while it is edited.

Every change makes one new frozen Snapshot and tells the listeners. Nothing here blocks on more than the
YAML file itself; facts of data, model and machine come from outside.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.checks.finding import Finding, Fix
from app.checks.rules import check
from app.config.config import Config, Origin
from app.config.dialect import resolve
from app.config.document import Document, fingerprint, parse, read
from app.config.preset_apply import Applied, apply
from app.config.preset_conflicts import Conflict, conflicts
from app.config.preset_file import Preset
from app.config.registry import BY_KEY
from app.config.values import show_value
from app.data.rows import RowCounts
from app.session import state as states
from app.session.known import Known
from app.session.notices import standing
from app.session.snapshot import Snapshot
from app.session.state import EPOCHS, State

if TYPE_CHECKING:  # all of the simulator, which the file's values need not wait for
    pass


class Session:
    _state: State

    def __init__(self) -> None:
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._undo: list[State] = []
        self._redo: list[State] = []
        self.known = Known(lambda: self._state.config, self._publish)
        self._last_edited: str | None = None
        self._generation = 0
        self.new()

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    @property
    def data_folder(self) -> str:
        """The folder whose rows the derived numbers need, as written in the configuration."""
        return str(self._state.config.values["data"])

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        self._listeners.append(listener)

    # Where a configuration comes from

    def open(self, path: Path) -> None:
        """Reads a YAML file. Raises ConfigError, and keeps the present configuration then."""
        self._adopt(read(path))

    def new(self) -> None:
        """mlx-lm's defaults, with no file yet."""
        self._adopt(parse("", None))

    def begin_with(self, text: str) -> None:
        """A text that is in no file yet."""
        self._adopt(parse(text, None))

    # How it is changed: each of these is one step of undo

    def edit(self, key: str, text: str) -> None:
        """What a person typed into a field. Text that is no value stays as a draft, with its error."""
        if text == self.text(key):
            return
        self._change(states.typed(self._state, key, text, self._train_rows), typing=key)

    def apply_fix(self, finding: Finding) -> None:
        """All edits of its fix, where it has one; drafts of the keys go."""
        if finding.fix is not None:
            self.apply_edits(finding.fix)

    def apply_edits(self, fix: Fix) -> None:
        """All its edits at once; drafts of the keys go."""
        self._change(states.follow_epochs(states.fixed(self._state, fix), self._train_rows))

    def apply_preset(self, preset: Preset) -> Applied:
        """Applies it, and returns what it changed."""
        applied = self.preview(preset)
        state = states.follow_epochs(states.with_preset(self._state, preset, applied), self._train_rows)
        if states.first_difference(self._state, state) is not None:
            self._change(state)
        else:  # nothing that an undo could take back
            self._state = state
            self._publish()
        return applied

    def reset(self, key: str, origin: Origin) -> None:
        """One of `reset_options`."""
        state = states.reset(self._state, self._opened, key, origin)
        self._change(states.follow_epochs(state, self._train_rows))

    def undo(self) -> str | None:
        return self._travel(self._undo, self._redo)

    def redo(self) -> str | None:
        return self._travel(self._redo, self._undo)

    # What could be changed

    def text(self, key: str) -> str:
        """What the field of `key` shows now."""
        if key in self._state.drafts:
            return self._state.drafts[key]
        if key == EPOCHS:
            epochs = self._state.epochs if self._state.epochs is not None else self._snapshot.derived.epochs
            return "" if epochs is None else f"{epochs:.4g}" if epochs < 1000 else f"{epochs:.0f}"
        return show_value(BY_KEY[key], self._state.config.values[key])

    def reset_options(self, key: str) -> list[tuple[Origin, str]]:
        """Where else the value of a parameter could come from, and what it would be."""
        options = states.reset_options(self._state, self._opened, key, self._document.path is not None)
        drafts = self._opened.drafts
        return [
            (origin, drafts[key] if origin is Origin.FILE and key in drafts else show_value(BY_KEY[key], value))
            for origin, value in options
        ]

    def mendable_drafts(self) -> list[tuple[str, str]]:
        """Keys of values that only their quotes or their kind keep from being one, and the text that would be.

        Such as `"1e-4"`, or `1e3` for a whole number.
        """
        return [
            (key, text.strip(" '\""))
            for key, text in self._state.drafts.items()
            if key in BY_KEY and states.is_value(key, text.strip(" '\""))
        ]

    def preview(self, preset: Preset) -> Applied:
        """What a preset would make of the configuration."""
        return apply(preset, self._state.config, self.known.choose, depth=self.known.depth)

    def preset_conflicts(self, preset: Preset) -> tuple[Conflict, ...]:
        """What the preset would undo of those applied before."""
        return conflicts([one for one in self._state.presets if one.id != preset.id], preset, self.known.depth)

    # Facts that arrive late: this one may move what the configuration says, all others stand in `known`

    def rows_counted(self, data: str, rows: RowCounts | None) -> None:
        if data != self.data_folder:
            return
        self.known.rows = rows
        waiting = self._state.drafts.get(EPOCHS)
        if waiting is not None:
            self._state = states.typed(self._state, EPOCHS, waiting, self._train_rows)
        else:
            self._state = states.follow_epochs(self._state, self._train_rows)
        self._publish()

    # How it is kept

    def rendered(self) -> str:
        """The file's text as saving would write it. Raises CannotEdit."""
        from app.config import saving  # 15 ms, as in the methods below, that the first values need not wait for

        return saving.render(self._document, self._state.config)

    def rewritten(self) -> str:
        """A whole new text for a file that cannot be edited in place."""
        from app.config import saving

        return saving.rewritten(self._document, self._state.config)

    def save(self, path: Path, text: str, overwrite_changed: bool = False) -> None:
        """Writes `text`, and goes on from it. Raises ChangedOnDisk or SaveError; nothing is half-written."""
        from app.config import saving

        same_file = path == self._document.path and not overwrite_changed
        document = saving.save(path, text, self._document.fingerprint if same_file else None)
        self._adopt(document, going_on=self._state)

    def changes_on_disk(self) -> list[str]:
        """What became of the file since it was opened, as the lines of a difference; empty when nothing did."""
        from app.config import saving

        path = self._document.path
        if path is None or fingerprint(path) == self._document.fingerprint:
            return []
        try:
            return saving.difference(self._document, path.read_text(errors="replace")) or [
                "Only its line ends changed."
            ]
        except OSError:
            return ["The file is not there any more."]

    def unsaveable(self) -> list[str]:
        """Errors of typed drafts: bad text of the file itself may stay as it is, unless a value came between."""
        opened, now = self._opened, self._state
        return [
            f"{key}: {now.errors[key]}"
            for key, text in now.drafts.items()
            if opened.drafts.get(key) != text or opened.config.values[key] != now.config.values[key]
        ]

    @property
    def _train_rows(self) -> int | None:
        return self.known.rows.train if self.known.rows else None

    def _adopt(self, document: Document, going_on: State | None = None) -> None:
        """`going_on` is the state that was just saved as `document`: it stays, and so does its past."""
        resolution = resolve(document)
        self._document = document
        self._notices = resolution.notices
        self._opened = self._state = states.opened(resolution)
        self._last_edited = None
        self._generation += 1
        if going_on is None:
            self._undo, self._redo = [], []
            self.known.forget_folders()
        else:
            self._state = replace(going_on, config=config_with_origins(going_on.config, self._opened.config))
        self._publish()

    def _change(self, state: State, typing: str | None = None) -> None:
        """One step of undo; what is typed into one field without leaving it is one, too, or none if taken back."""
        if typing is None:
            self._generation += 1
        if typing is None or self._last_edited != typing:
            self._undo.append(self._state)
            self._last_edited = typing
        elif states.is_taken_back(self._undo[-1], state):
            state, self._last_edited = self._undo.pop(), None
        self._redo.clear()
        self._state = state
        self._publish()

    def _travel(self, source: list[State], target: list[State]) -> str | None:
        """One step through the past; returns the key that it changed, for the focus to follow."""
        if not source:
            return None
        target.append(self._state)
        before, self._state = self._state, source.pop()
        self._last_edited = None
        self._generation += 1
        self._publish()
        return states.first_difference(before, self._state)

    def _publish(self) -> None:
        state, known = self._state, self.known
        derived, memory = known.derived(), known.memory()
        self._snapshot = Snapshot(
            document=self._document,
            config=state.config,
            derived=derived,
            findings=check(known.context(derived, memory)),
            drafts=state.drafts,
            errors=state.errors,
            notices=standing(self._notices, state.config),
            edited=states.edited_keys(self._opened, state),
            presets=state.presets,
            rows=known.rows,
            model=known.learned,
            machine=known.machine,
            memory=memory,
            lengths=known.lengths,
            dataset=known.dataset,
            surroundings=known.surroundings,
            epochs_held=state.epochs is not None,
            generation=self._generation,
            can_undo=bool(self._undo),
            can_redo=bool(self._redo),
        )
        for listener in self._listeners:
            listener(self._snapshot)


def config_with_origins(shown: Config, saved: Config) -> Config:
    """The configuration on screen once it is in the file: its values, and where the file now says them from."""
    return replace(shown, origins=saved.origins)
