"""The top line: product, file, whether it is saved, and what the run does."""

from textual.content import Content
from textual.widgets import Static


class TitleBar(Static):
    def __init__(self) -> None:
        super().__init__(id="title", markup=False)
        self._parts = ("", False, "")

    def show_file(self, name: str, edited: bool) -> None:
        self._show(name, edited, self._parts[2])

    def show_run(self, words: str) -> None:
        self._show(*self._parts[:2], words)

    def _show(self, name: str, edited: bool, run: str) -> None:
        if (name, edited, run) == self._parts:
            return
        self._parts = (name, edited, run)
        self.refresh(layout=False)

    def render(self) -> Content:
        name, edited, run = self._parts
        most = max(24, self.content_size.width * 2 // 5)
        run = run if len(run) <= most else run[: most - 1] + "…"
        left = Content.assemble((" tunedeck ", "bold reverse"), f"  {name}", "  ● edited" if edited else "")
        space = self.content_size.width - left.cell_length - len(run)
        if space < 1:
            keep = max(self.content_size.width - len(run) - 2, 12)
            left, space = left.truncate(keep, ellipsis=True), 1
        return left + Content(" " * space) + Content.styled(run, "bold")
