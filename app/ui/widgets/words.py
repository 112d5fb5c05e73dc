"""A text that is told what to show, and lays the screen out anew only when its height changes."""

from textual.content import Content
from textual.widget import Widget


class Words(Widget):
    """Plain or styled text, never markup. As high as it needs to be, unless its style says otherwise."""

    DEFAULT_CSS = "Words { height: auto; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None):
        super().__init__(id=id, classes=classes)
        self._words = Content()

    @property
    def text(self) -> str:
        return self._words.plain

    def show(self, words: Content) -> None:
        if words.is_same(self._words):
            return
        width = max(1, self.content_size.width)
        grows = self.styles.is_auto_height and words.get_height({}, width) != self._words.get_height({}, width)
        self._words = words
        self.refresh(layout=grows)

    def render(self) -> Content:
        return self._words
