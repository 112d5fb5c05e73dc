"""The losses of one run, with everything that is known of them."""

from app.runs.history import History
from app.ui.chart.canvas import Picture, Role
from app.ui.chart.chart import Chart
from app.ui.chart.curves import Curves
from app.ui.chart.picture import draw
from app.ui.chart.readout import Text, legend, readout
from app.ui.chart.view import View

_OWN = (Role.STEPS, Role.REPORTS, Role.VALIDATION, Role.SMOOTHED, Role.BEST)


class LossChart(Chart):
    """Train and validation losses of one run. `show` hands it the history."""

    ROLES = Chart.ROLES | {role: f"chart--{role.name.lower()}" for role in _OWN}
    COMPONENT_CLASSES = set(ROLES.values())
    DEFAULT_CSS = """
    LossChart {
        & > .chart--steps { color: $text-muted; }
        & > .chart--reports { color: $text-warning; }
        & > .chart--validation { color: $text-success; }
        & > .chart--smoothed { color: $text-primary; text-style: bold; }
        & > .chart--best { color: $text-success; text-style: bold; }
        &:ansi > .chart--steps { color: ansi_bright_black; }
    }
    """

    def __init__(
        self, placeholder: str = "No losses yet", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(placeholder, id=id, classes=classes)
        self._history = History()
        self._curves = Curves(self._history)
        self._iters = 0

    def show(self, history: History, iters: int) -> None:
        """Show a history as it is now, of a run of `iters` iterations (0 unknown); cheap if it is unchanged.

        Call it in the thread that applies the events. Another history starts with a fresh view.
        """
        if history is not self._history:
            self._history, self._curves = history, Curves(history)
            self._view = View(log=self._view.log, whole=self._view.whole)
            self._hover, self._drawn, self._shown = None, None, ()
        shown = (history.version, iters)
        if shown != self._shown:
            self._shown, self._iters = shown, iters
            self._extent = self._curves.extent(iters)
            self.refresh()

    def _picture(self, window: tuple[float, float], width: int, height: int, log: bool) -> Picture:
        return draw(self._curves, window, width, height, log)

    def _legend(self, picture: Picture, width: int) -> Text:
        return legend(self._curves, picture, self._view.log, width)

    def _readout(self, at: int | None, width: int) -> Text:
        iteration = self._curves.latest() if at is None else at
        return readout(self._curves, iteration, self._iters, at is not None, width)
