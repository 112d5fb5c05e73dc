"""What is in the data: its files, the lengths of their rows, and what batches make of them."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click

from app.ui.places import DATA
from app.ui.screens.deck_screen import DeckScreen
from app.ui.widgets.line_list import LineList
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.words import Words

if TYPE_CHECKING:
    from textual.timer import Timer

    from app.data.dataset import DatasetFacts
    from app.data.row_view import RowLens
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck
    from app.ui.padding_reading import PaddingReading

LOOK_EVERY = 0.25
"""Seconds between looks at how far a reading is."""


class Page(VerticalScroll):
    """What is read. Down at its end leads into the list below it, or beside it."""

    BINDINGS = [
        Binding("down,j", "scroll_down", show=False),
        Binding("up,k", "scroll_up", show=False),
    ]

    def action_scroll_down(self) -> None:
        if self.scroll_y >= self.max_scroll_y:
            self.screen.query_one(RowList).focus()
        else:
            self.scroll_relative(y=1, animate=False)


class RowList(LineList):
    """Rows that are worth a look. Up at its beginning leads back."""

    def action_move(self, step: int) -> None:
        if step == -1 and self.chosen == next((line.id for line in self._lines if line.id), None):
            self.screen.query_one(Page).focus(scroll_visible=False)
        else:
            super().action_move(step)


class DataScreen(DeckScreen):
    AUTO_FOCUS = "#data-page"
    BINDINGS = [
        Binding("left", "set(-1)", show=False),
        Binding("right", "set(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("escape", "stop", show=False),
    ]

    def __init__(self, app: "Deck") -> None:
        super().__init__(app)
        self._sets = Segmented(("train", "valid", "test"), "train", id="sets")
        self._sets.can_focus = False
        self._files, self._files_beside = Words(id="files"), Words(id="files-beside")
        self._bars, self._figures, self._suggestion = Words(id="bars"), Words(id="figures"), Words(id="suggestion")
        self._page, self._side = Page(id="data-page"), Vertical(id="data-side")
        self._list, self._about = RowList(id="odd"), Words(id="odd-about")
        self._list.selects_first = True
        self._sentences: dict[str, str] = {}
        self._listed: DatasetFacts | str | None = None
        self._padding: PaddingReading | None = None
        self._lens: RowLens | None = None
        self._progress: Timer | None = None

    def compose_content(self) -> ComposeResult:
        with Container(id="data"):
            with self._page:
                yield self._files
                yield self._sets
                yield self._bars
                yield self._figures
                yield self._suggestion
            with self._side:
                yield self._files_beside
                yield self._list
                yield self._about

    def on_mount(self) -> None:
        super().on_mount()
        self._progress = self.set_interval(LOOK_EVERY, self._draw_now, pause=True)

    def on_unmount(self) -> None:
        self._end_lens()

    def on_screen_suspend(self) -> None:
        """A tokenizer takes some hundred MB: its process is kept as long as one is here."""
        if self.app.place != DATA:
            self._end_lens()

    def show(self, snapshot: "Snapshot") -> None:
        from app.session.data_look import is_counting, is_reading

        super().show(snapshot)
        if self._progress is not None:
            is_learning = is_reading(snapshot) or is_counting(snapshot, self.app.session.known.lengths_subject)
            self._progress.resume() if is_learning else self._progress.pause()
        if self._padding is None:
            from app.ui.padding_reading import PaddingReading

            self._padding = PaddingReading(self, self._draw_now)
        self._padding.follow(snapshot)
        self._draw(snapshot)

    def _draw(self, snapshot: "Snapshot") -> None:
        from app.session.data_look import bars, data_problem
        from app.ui import data_words

        session, name = self.app.session, self._sets.value
        for words in (self._files, self._files_beside):
            words.show(data_words.files_words(session))
        width = max(20, self._page.scrollable_content_region.width - 1)
        most = max(8, min(28, self.size.height - 20))
        self._sets.display = not data_problem(snapshot)
        self._bars.show(data_words.bars_words(session, name, bars(snapshot, name, most), width))
        padded = self._padding.of(name) if self._padding else None
        self._figures.show(data_words.figures_words(session, name, padded, width))
        suggestion = data_words.suggestion_line(snapshot, self.app.keys.get("use_length", "u"), width)
        self._suggestion.show(suggestion)
        self._suggestion.display = bool(suggestion.plain)
        self._draw_list(snapshot)

    def _draw_list(self, snapshot: "Snapshot") -> None:
        """Of thousands of odd rows, only when they are others."""
        from app.data.dataset import DatasetFacts
        from app.ui.data_list import row_lines

        if snapshot.dataset is self._listed:
            return
        self._listed = snapshot.dataset
        facts = snapshot.dataset if isinstance(snapshot.dataset, DatasetFacts) else None
        lines, self._sentences = row_lines(facts) if facts else ([], {})
        self._list.show(lines)
        self._side.set_class(not lines, "-empty")
        self._list.styles.max_height = max(1, len(lines))
        self._tell_about()

    def _tell_about(self) -> None:
        self._about.show(Content.styled(self._sentences.get(self._list.chosen or "", ""), "$text-muted"))

    def _draw_now(self) -> None:
        if self.app.session is not None:
            self._draw(self.app.session.snapshot)

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self._draw_now)

    @on(Segmented.Changed, "#sets")
    def _other_set(self) -> None:
        self._draw_now()

    @on(Click, "#suggestion")
    def _suggestion_clicked(self) -> None:
        self.app.action_command("use_length")

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        if event.lines is self._list:
            self._tell_about()

    @on(LineList.Chosen, "#odd")
    def _row_chosen(self, event: LineList.Chosen) -> None:
        name, line, *_ = event.id.split("/")
        self._open(name, int(line))

    def open_row(self) -> None:
        """The row under the cursor of the list, from where any other is reached."""
        name, line, *_ = (self._list.chosen or f"{self._sets.value}/1").split("/")
        self._open(name, int(line))

    def _open(self, name: str, line: int) -> None:
        from app.config.config import native
        from app.data.dataset import DatasetFacts
        from app.data.row_view import RowLens
        from app.session.data_look import set_facts
        from app.ui.screens.row import RowScreen

        snapshot = self.app.session.snapshot
        facts = snapshot.dataset
        if not isinstance(facts, DatasetFacts) or (file := set_facts(facts, name)) is None or not file.rows:
            self.app.tell("There is no row to show yet.")
            return
        self._lens = self._lens or RowLens(self.app.start_directory)
        self.app.push_screen(RowScreen(self._lens, facts, native(snapshot.config), name, line))

    def _end_lens(self) -> None:
        if self._lens is not None:
            lens, self._lens = self._lens, None
            lens.close()

    def action_set(self, step: int) -> None:
        self._sets.action_choose(step)

    def action_open(self) -> None:
        self.app.action_command("row")

    def action_stop(self) -> None:
        self.app.stop_reading()
