"""Below the chart: checkpoints and warnings on the left, the trainer's own log on the right."""

from textual.content import Content
from textual.widgets import Static

from app.runs.history import History
from app.wire.text import printable


class Checkpoints(Static):
    """The newest first, each with its file name, since that is what one looks for on disk."""

    def __init__(self) -> None:
        super().__init__(id="checkpoints", markup=False)

    def show(self, history: History) -> None:
        adapters = history.adapters()
        names = [f"{adapter.iteration:>6,} {printable(adapter.path.rsplit('/', 1)[-1])}" for adapter in adapters[:8]]
        if history.best is not None:
            names.insert(0, f"{history.best.iteration:>6,} ★ the best, kept apart")
        head = f"Checkpoints ({len(adapters)})"
        notes = [Content.styled(f"▲ {printable(note.text)}", "$text-warning") for note in list(history.notes)[-2:]]
        lines = [Content.styled(head, "bold"), *notes, *(Content(name) for name in names)]
        self.update(Content("\n").join(lines))


class LogPane(Static):
    """The last lines of the trainer's log, never read as markup or as terminal escapes."""

    def __init__(self) -> None:
        super().__init__(id="log", markup=False)

    def show(self, lines: list[str]) -> None:
        fitting = lines[-max(1, self.size.height - 1) :]
        body = "\n".join(printable(line) for line in fitting)
        self.update(Content.styled("Log", "bold") + Content("\n" + body))
