"""The top line: product, file, whether it is saved, and what the run does."""

from textual.content import Content
from textual.widgets import Static


class TitleBar(Static):
    def __init__(self) -> None:
        super().__init__(id="title", markup=False)
        self._parts = ("", False, "", "")

    def show_file(self, name: str, edited: bool) -> None:
        self._show(name, edited, *self._parts[2:])

    def show_run(self, words: str, state: str) -> None:
        """`state` stands there where `words` have no room."""
        self._show(*self._parts[:2], words, state)

    def _show(self, *parts: *tuple[str, bool, str, str]) -> None:
        if parts == self._parts:
            return
        self._parts = parts
        self.refresh(layout=False)

    def render(self) -> Content:
        name, edited, words, state = self._parts
        most = max(24, self.content_size.width * 2 // 5)
        run = words if len(words) <= most else state
        run = run if len(run) <= most else run[: most - 1] + "…"
        left = Content.assemble((" tunedeck ", "bold reverse"), f"  {name}", "  ● edited" if edited else "")
        space = self.content_size.width - left.cell_length - len(run)
        if space < 1:
            keep = max(self.content_size.width - len(run) - 2, 12)
            left, space = left.truncate(keep, ellipsis=True), 1
        return left + Content(" " * space) + Content.styled(run, "bold")
