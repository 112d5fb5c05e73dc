"""The runs as a screen lists them, looked at once a second: what has ended is read once.

`look` touches the disk and belongs in a thread, one at a time; what it returns never changes any more.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.runs.curve_reading import CurveReader
from app.runs.figures import RunFigures, events_size, figures_of, keep_figures, kept_figures
from app.runs.history import Series
from app.runs.listing import RunSummary, folders_of, summarize
from app.wire.run_folder import RunFolder

PATIENCE = 0.3
"""Seconds that a look spends on curves, and on figures not known yet: the list stands at once, and fills up."""
CURVES_KEPT = 8
"""Curves that are kept when they are not shown any more: those of a million steps are 40 MB each."""


@dataclass(frozen=True)
class ListedRun:
    summary: RunSummary
    figures: RunFigures | None
    """None until they were read."""

    @property
    def id(self) -> str:
        return self.summary.id

    @property
    def train_loss(self) -> float | None:
        return self.figures.train_loss if self.figures else self.summary.train_loss

    @property
    def validation_loss(self) -> float | None:
        return self.figures.validation_loss if self.figures else self.summary.validation_loss


@dataclass(frozen=True)
class RunLine:
    """A run's curve along one axis. Equal `version`, `axis` and id: equal points."""

    id: str
    axis: str
    version: int
    """Of the curve; it grows with it."""
    train: Series
    """Smoothed."""
    validations: Series


@dataclass(frozen=True)
class Look:
    runs: tuple[ListedRun, ...]
    """Newest first."""
    lines: Mapping[str, RunLine]
    """Of the runs whose curves were wanted, by id."""
    is_whole: bool
    """Whether all there is was read: if not, look again at once."""


class RunList:
    def __init__(self, runs_dir: Path):
        self._runs_dir = runs_dir
        self._summaries: dict[str, tuple[tuple, RunSummary]] = {}
        self._figures: dict[str, tuple[tuple, RunFigures]] = {}
        self._readers: dict[str, CurveReader] = {}
        self._lines: dict[str, RunLine] = {}
        self._behind = False

    def look(self, wanted: Sequence[str], axis: str) -> Look:
        """All runs, and the curves of those whose ids are `wanted` along one of AXES."""
        folders = {folder.id: folder for folder in folders_of(self._runs_dir)}
        for known in (self._summaries, self._figures, self._readers, self._lines):
            for gone in known.keys() - folders.keys():
                del known[gone]
        summaries = [self._summary(folder) for folder in folders.values()]
        summaries.sort(key=lambda summary: (summary.created, summary.id), reverse=True)
        self._behind = False
        lines = {id: self._line(folders[id], axis) for id in wanted if id in folders}
        until = time.monotonic() + PATIENCE
        runs = tuple(ListedRun(one, self._figures_of(one, until)) for one in summaries)
        self._let_go(wanted)
        return Look(runs, lines, not self._behind)

    def _summary(self, folder: RunFolder) -> RunSummary:
        """Read again only when the run lives, or its files are not the same."""
        stamp = _stamp(folder)
        known = self._summaries.get(folder.id)
        if known is not None and known[0] == stamp and not known[1].alive and known[1].state != "queued":
            return known[1]
        summary = summarize(folder)
        self._summaries[folder.id] = (stamp, summary)
        return summary

    def _line(self, folder: RunFolder, axis: str) -> RunLine:
        reader = self._reader(folder)
        self._behind |= not reader.read(time.monotonic() + PATIENCE)
        line = self._lines.get(folder.id)
        if line is None or (line.axis, line.version) != (axis, reader.version):
            line = RunLine(folder.id, axis, reader.version, *reader.curve.along(axis))
            self._lines[folder.id] = line
        return line

    def _figures_of(self, summary: RunSummary, until: float) -> RunFigures | None:
        """Those of a run that goes on are of what was read of it so far; the old ones, or None, when time is up."""
        folder, stamp = summary.folder, self._summaries[summary.id][0]
        known = self._figures.get(summary.id)
        if known is not None and known[0] == stamp:
            return known[1]
        found = None if summary.alive else kept_figures(folder)
        if found is None:
            size, reader = events_size(folder), self._reader(folder)
            if time.monotonic() > until or not reader.read(until):
                self._behind = True
                return known[1] if known else None
            found = figures_of(reader)
            if not summary.alive:
                keep_figures(folder, found, size)
        self._figures[summary.id] = (stamp, found)
        return found

    def _reader(self, folder: RunFolder) -> CurveReader:
        """The one that goes on where it was."""
        return self._readers.setdefault(folder.id, CurveReader(folder))

    def _let_go(self, wanted: Sequence[str]) -> None:
        spare = [id for id in self._readers if id not in wanted and not self._lives(id)]
        for id in spare[: max(0, len(spare) - CURVES_KEPT)]:
            del self._readers[id]
            self._lines.pop(id, None)

    def _lives(self, id: str) -> bool:
        return id in self._summaries and self._summaries[id][1].alive


def fits(run: ListedRun, typed: str) -> bool:
    """Whether a run has every word typed: in its name, state, model, data, file or adapter."""
    one = run.summary
    text = " ".join((one.id, one.state, one.how, one.model, one.data, one.source or "", one.adapter_path)).lower()
    return all(word in text for word in typed.lower().split())


def _stamp(folder: RunFolder) -> tuple:
    """What tells that a run's files are the same as before."""
    return tuple(_changed(path) for path in (folder.events, folder.exit, folder.trainer, folder.resolved))


def _changed(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
