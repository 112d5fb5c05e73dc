"""What the app asks of the screen of a place, without knowing it."""

from typing import TYPE_CHECKING

from textual.screen import Screen

from app.ui.widgets.key_bar import KeyBar
from app.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from app.session.snapshot import Snapshot


class PlaceScreen(Screen):
    heading: TitleBar
    key_bar: KeyBar

    def ready(self) -> None:
        """The session is there, for the first time."""

    def show_frame(self) -> None:
        """What does not depend on the configuration's values."""
        raise NotImplementedError

    def show(self, snapshot: "Snapshot") -> None:
        """The configuration as it is now. Widgets repaint only what differs."""
        raise NotImplementedError
