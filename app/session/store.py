"""The session: the configuration being edited, its past, and the facts that arrive while it is edited.

Every change makes one new frozen Snapshot and tells the listeners. Nothing here blocks on more than the
YAML file itself; row counts come from outside through `rows_counted`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.checks.numbers import number_findings
from app.config import saving
from app.config.config import Config, edit
from app.config.derived import derive, iters_for_epochs
from app.config.dialect import Resolution, resolve
from app.config.document import Document, fingerprint, parse, read
from app.config.registry import BY_KEY
from app.config.values import parse_value, show_value
from app.data.rows import RowCounts
from app.session.snapshot import Snapshot

EPOCHS = "epochs"
"""A field that is no parameter: another view of `iters`."""


@dataclass(frozen=True)
class _State:
    """What undo brings back."""

    config: Config
    drafts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    epochs: float | None = None
    """The anchor, when epochs were typed last."""


class Session:
    _state: _State

    def __init__(self) -> None:
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._undo: list[_State] = []
        self._redo: list[_State] = []
        self._rows: RowCounts | None = None
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

    def open(self, path: Path) -> None:
        """Reads a YAML file. Raises ConfigError, and keeps the present configuration then."""
        self._adopt(read(path))

    def new(self) -> None:
        """mlx-lm's defaults, with no file yet."""
        self._adopt(parse("", None))

    def edit(self, key: str, text: str) -> None:
        """What a person typed into a field. Text that is no value stays as a draft, with its error."""
        if text == self.text(key):
            return
        if self._last_edited != key:
            self._remember()
            self._last_edited = key
        self._redo.clear()
        self._state = self._edited(self._state, key, text)
        self._publish()

    def text(self, key: str) -> str:
        """What the field of `key` shows now."""
        if key in self._state.drafts:
            return self._state.drafts[key]
        if key == EPOCHS:
            epochs = self._state.epochs if self._state.epochs is not None else self._snapshot.derived.epochs
            return "" if epochs is None else f"{epochs:.4g}" if epochs < 1000 else f"{epochs:.0f}"
        return show_value(BY_KEY[key], self._state.config.values[key])

    def undo(self) -> str | None:
        return self._travel(self._undo, self._redo)

    def redo(self) -> str | None:
        return self._travel(self._redo, self._undo)

    def rows_counted(self, data: str, rows: RowCounts | None) -> None:
        """Facts that arrived late: dropped when the configuration has moved on to other data."""
        if data != self.data_folder:
            return
        self._rows = rows
        waiting = self._state.drafts.get(EPOCHS)
        if waiting is not None:
            self._state = self._edited(self._state, EPOCHS, waiting)
        else:
            self._state = self._follow_epochs(self._state)
        self._publish()

    def rendered(self) -> str:
        """The file's text as saving would write it. Raises CannotEdit."""
        return saving.render(self._document, self._state.config)

    def rewritten(self) -> str:
        """A whole new text for a file that cannot be edited in place."""
        return saving.rewritten(self._document, self._state.config)

    def save(self, path: Path, text: str, overwrite_changed: bool = False) -> None:
        """Writes `text`, and goes on from it. Raises ChangedOnDisk or SaveError; nothing is half-written."""
        same_file = path == self._document.path and not overwrite_changed
        document = saving.save(path, text, self._document.fingerprint if same_file else None)
        drafts, errors, epochs = self._state.drafts, self._state.errors, self._state.epochs
        config = self._state.config
        self._adopt(document, keep_history=True)
        self._state = _State(config_with_origins(config, self._state.config), drafts, errors, epochs)
        self._publish()

    def changes_on_disk(self) -> list[str]:
        """What became of the file since it was opened, as the lines of a difference; empty when nothing did."""
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
        """Errors of typed drafts: text in the file itself that is no value may stay as it is."""
        return [
            f"{key}: {self._state.errors[key]}"
            for key, text in self._state.drafts.items()
            if self._opened.drafts.get(key) != text
        ]

    def _adopt(self, document: Document, keep_history: bool = False) -> None:
        resolution = resolve(document)
        self._document = document
        self._notices = resolution.notices
        self._opened = _opened(resolution)
        self._state = self._opened
        self._last_edited = None
        self._generation += 1
        if not keep_history:
            self._undo, self._redo, self._rows = [], [], None
        self._publish()

    def _remember(self) -> None:
        self._undo.append(self._state)

    def _travel(self, source: list[_State], target: list[_State]) -> str | None:
        """One step through the past; returns the key that it changed, for the focus to follow."""
        if not source:
            return None
        target.append(self._state)
        before, self._state = self._state, source.pop()
        self._last_edited = None
        self._generation += 1
        self._publish()
        return _first_difference(before, self._state)

    def _edited(self, state: _State, key: str, text: str) -> _State:
        drafts = {k: v for k, v in state.drafts.items() if k != key}
        errors = {k: v for k, v in state.errors.items() if k != key}
        state = replace(state, drafts=drafts, errors=errors)
        try:
            if key == EPOCHS:
                return self._follow_epochs(replace(state, epochs=_positive(text)), strict=True)
            config = edit(state.config, key, parse_value(BY_KEY[key], text))
        except ValueError as error:
            return replace(state, drafts=drafts | {key: text}, errors=errors | {key: str(error)})
        state = replace(state, config=config)
        if key == "iters":
            return replace(state, epochs=None)
        return self._follow_epochs(state) if key in ("batch_size", "data") else state

    def _follow_epochs(self, state: _State, strict: bool = False) -> _State:
        """iters from the epochs anchor. Raises ValueError (only when `strict`) while rows are not known."""
        if state.epochs is None:
            return state
        rows = self._rows.train if self._rows else None
        if not rows:
            if strict:
                raise ValueError("The rows of the data are not known (yet), so epochs cannot become iterations.")
            return state
        iters = iters_for_epochs(state.epochs, rows, state.config.values["batch_size"])
        if iters < 1:
            if strict:
                raise ValueError("That is less than one iteration: type more epochs, or use a smaller batch.")
            return state
        return replace(state, config=edit(state.config, "iters", iters))

    def _publish(self) -> None:
        state = self._state
        rows = self._rows or RowCounts()
        derived = derive(state.config, rows.train, rows.valid)
        self._snapshot = Snapshot(
            document=self._document,
            config=state.config,
            derived=derived,
            findings=number_findings(state.config, derived, rows),
            drafts=state.drafts,
            errors=state.errors,
            notices=self._notices,
            edited=_edited_keys(self._opened, state),
            rows=self._rows,
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


def _opened(resolution: Resolution) -> _State:
    """Bad values open as drafts; a bad `lora_parameters`, which is no field, is an error without one."""
    return _State(
        resolution.config,
        drafts={problem.key: problem.text for problem in resolution.problems if problem.key in BY_KEY},
        errors={problem.key: problem.message for problem in resolution.problems},
    )


def _edited_keys(opened: _State, state: _State) -> frozenset[str]:
    def differs(key: str) -> bool:
        values: tuple[Any, Any] = (opened.config.values[key], state.config.values[key])
        return values[0] != values[1] or opened.drafts.get(key) != state.drafts.get(key)

    return frozenset(key for key in BY_KEY if differs(key))


def _first_difference(one: _State, other: _State) -> str | None:
    for key in (*BY_KEY, EPOCHS):
        if one.drafts.get(key) != other.drafts.get(key):
            return key
        if key in BY_KEY and one.config.values[key] != other.config.values[key]:
            return key
    return None


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise ValueError("Type the epochs as a number above 0, such as 2 or 0.5.")
    return number
