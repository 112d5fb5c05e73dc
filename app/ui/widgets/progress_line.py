"""How far the run is, in one line: a bar, a share, and iteration of iterations."""

from textual.content import Content
from textual.widgets import Static


class ProgressLine(Static):
    def __init__(self) -> None:
        super().__init__(id="progress", markup=False)
        self._parts: tuple[int, int, str] = (0, 0, "")

    def show(self, done: int, total: int, words: str) -> None:
        if (done, total, words) != self._parts:
            self._parts = (done, total, words)
            self.refresh()

    def render(self) -> Content:
        done, total, words = self._parts
        share = min(done / total, 1.0) if total else 0.0
        counted = f" {share:4.0%}  {done:,} of {total:,}  {words}" if total else f" {words}"
        width = max(10, self.content_size.width - max(len(counted), 40))
        filled = round(share * width)
        bar = Content.styled("━" * filled, "$success") + Content.styled("─" * (width - filled), "$text-muted")
        return bar + Content(counted)
