"""What every screen of the deck has: a title, the places on the left, and the keys that work now."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from app.ui.place_screen import PlaceScreen
from app.ui.widgets.key_bar import KeyBar
from app.ui.widgets.place_list import PlaceList
from app.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck


class DeckScreen(PlaceScreen):
    """A subclass yields its own part in `compose_content`, and what stands below it in `compose_foot`."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-medium"), (116, "-wide"), (150, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]
    SMALLEST = (40, 10)
    """Columns and lines below which a screen says so instead of showing scraps."""
    app: "Deck"

    def __init__(self, app: "Deck", classes: str = "") -> None:
        super().__init__(classes=f"{_fitting(app.size, self)} {classes}")
        # Held rather than queried: a snapshot may come while the screen is still, or no longer, whole.
        self.heading, self.places, self.key_bar = TitleBar(), PlaceList(), KeyBar()
        self._before: Widget | None = None
        """What had the focus before the terminal became too small."""

    def compose(self) -> ComposeResult:
        yield self.heading
        with Horizontal(id="body"):
            yield self.places
            yield from self.compose_content()
        yield from self.compose_foot()
        yield self.key_bar

    def compose_content(self) -> ComposeResult:
        raise NotImplementedError

    def compose_foot(self) -> ComposeResult:
        yield from ()

    def on_mount(self) -> None:
        self.show_frame()

    def on_screen_resume(self) -> None:
        self.show_frame()
        if self.app.session is not None:
            self.show(self.app.session.snapshot)

    def on_resize(self) -> None:
        """A terminal too small for the screen gets a sentence instead of scraps, as long as it is so."""
        if self.is_too_small and not self.query("#too-small"):
            from app.ui.widgets.too_small import TooSmall

            self._before = self.focused
            self.mount(TooSmall(self.SMALLEST))
        elif not self.is_too_small and self.query("#too-small"):
            self.query("#too-small").remove()
            self.set_focus(self._before)
        self.app.update_bar()

    def on_descendant_focus(self) -> None:
        self.key_bar.show_typing(getattr(self.focused, "takes_letters", False))

    on_descendant_blur = on_descendant_focus

    def leave_field(self) -> None:
        """Where letters are commands."""
        if self.places.display:
            self.places.focus()
        else:
            self.set_focus(None)

    @property
    def is_too_small(self) -> bool:
        """Whether there is no room to show what a key would do."""
        return self.size.width < self.SMALLEST[0] or self.size.height < self.SMALLEST[1]

    def show_frame(self) -> None:
        self.places.show_current(self.app.place)
        self.show_title()
        self.heading.show_run(self.app.run_words, self.app.run_state)
        self.key_bar.show(self.app.bar(), self.app.keys)

    def show(self, snapshot: "Snapshot") -> None:
        self.show_title()
        self.places.show_marks(place_marks(snapshot))

    def show_title(self) -> None:
        self.heading.show_file(self.app.title_words, self.app.is_dirty)

    @on(PlaceList.Chosen, "#places")
    def _go(self, event: PlaceList.Chosen) -> None:
        self.app.run_worker(self.app.go(event.id), group="commands")


def _fitting(size: Size, screen: Screen) -> str:
    """The classes of its breakpoints from the beginning, so that the first layout is the right one."""
    pairs = ((size.width, screen.HORIZONTAL_BREAKPOINTS), (size.height, screen.VERTICAL_BREAKPOINTS))
    return " ".join([point for at, point in points or () if extent >= at][-1] for extent, points in pairs)


def place_marks(snapshot: "Snapshot") -> Mapping[str, str]:
    """`✗` a value needs mending, `●` edited since the file, by group."""
    from app.config.registry import BY_KEY
    from app.ui.widgets.place_list import EDITED, NEEDS_MENDING

    marks = {BY_KEY[key].group: EDITED for key in snapshot.edited}
    wrong = {key for key in snapshot.errors if key in BY_KEY}
    wrong |= {finding.key for finding in snapshot.findings if finding.level == "error" and finding.key in BY_KEY}
    return marks | {BY_KEY[key].group: NEEDS_MENDING for key in wrong}
