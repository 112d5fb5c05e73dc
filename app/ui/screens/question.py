"""What all that lies over a screen has in common: it is answered once, and a click beside it leaves it."""

from typing import TYPE_CHECKING, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from app.ui.deck import Deck

Answer = TypeVar("Answer")


class Question(ModalScreen[Answer]):
    """Escape and a click beside it answer None, which is always the harmless one."""

    app: "Deck"

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Two clicks in one burst would else take the screen below away with it."""
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()

    def on_mount(self) -> None:
        self.app.hush()  # in a small terminal it would lie over the answers

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
