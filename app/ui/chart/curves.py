"""The four series of a run that its chart draws."""

from app.runs.history import History
from app.ui.chart.track import Track
from app.ui.chart.view import Extent


class Curves:
    """A history's series, each followed by a Track that lives as long as the history is shown."""

    def __init__(self, history: History) -> None:
        self.steps = Track(history.steps)
        self.smoothed = Track(history.smoothed)
        self.reports = Track(history.reports)
        self.validations = Track(history.validations)

    def extent(self, iters: int) -> Extent | None:
        """What there is to see, None before the first loss."""
        reaches = [track.reach() for track in (self.steps, self.reports, self.validations) if len(track)]
        if not reaches:
            return None
        return Extent(min(low for low, _ in reaches), max(high for _, high in reaches), iters)

    def latest(self) -> float:
        """The iteration of the newest loss, which after a resume is not the highest."""
        return next((t.reach()[1] for t in (self.steps, self.reports, self.validations) if len(t)), 0.0)
