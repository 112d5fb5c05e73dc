"""The curves of any number of runs, laid over each other by iteration, tokens or time."""

from app.runs.curve import ITERATION
from app.ui.chart import overlay
from app.ui.chart.canvas import OWN, Picture
from app.ui.chart.chart import Chart
from app.ui.chart.overlay import TONES, OverlayLine, OverlayTracks
from app.ui.chart.readout import Text
from app.ui.chart.view import View


class OverlayChart(Chart):
    """`show` hands it the curves."""

    ROLES = Chart.ROLES | {OWN + tone: f"chart--run-{tone}" for tone in range(TONES)}
    COMPONENT_CLASSES = set(ROLES.values())
    DEFAULT_CSS = """
    OverlayChart {
        & > .chart--run-0 { color: $text-primary; text-style: bold; }
        & > .chart--run-1 { color: $text-warning; text-style: bold; }
        & > .chart--run-2 { color: $text-success; text-style: bold; }
        & > .chart--run-3 { color: $text-error; text-style: bold; }
        & > .chart--run-4 { color: $foreground; text-style: bold; }
        & > .chart--run-5 { color: $text-accent; text-style: bold; }
    }
    """

    def __init__(self, placeholder: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(placeholder, id=id, classes=classes)
        self._tracks: list[OverlayTracks] = []
        self._by = ITERATION

    def show(self, lines: tuple[OverlayLine, ...], by: str, iters: int) -> None:
        """Show these curves, whose places are `by` one of AXES; cheap if they are the same as before.

        `iters` is the last iteration that any of the runs is to reach.
        """
        shown: tuple = (tuple((line.id, line.mark, line.version) for line in lines), by, iters)
        if shown == self._shown:
            return
        if by != self._by or not {line.id for line in lines} & {each.line.id for each in self._tracks}:
            self._view = View(log=self._view.log, whole=self._view.whole)
            self._hover = None
        self._tracks = [OverlayTracks(line) for line in lines]
        self._shown, self._by = shown, by
        self._extent = overlay.extent(self._tracks, by, iters)
        self.refresh()

    def _picture(self, window: tuple[float, float], width: int, height: int, log: bool) -> Picture:
        return overlay.draw(self._tracks, self._by, window, width, height, log)

    def _legend(self, picture: Picture, width: int) -> Text:
        return overlay.legend(self._tracks, self._by, self._view.log, width)

    def _readout(self, at: int | None, width: int) -> Text:
        return overlay.readout(self._tracks, self._by, at, width)
