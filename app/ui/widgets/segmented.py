"""A choice of a few words in one row: `‹lora› dora  full`. One widget, where a Select takes six."""

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Segmented(Widget, can_focus=True):
    """Left, right, space and the mouse choose. The chosen word stands in brackets, so colour is not needed."""

    COMPONENT_CLASSES = {"segmented--chosen"}
    DEFAULT_CSS = """
    Segmented {
        height: 1;
        width: 1fr;
        text-wrap: nowrap;
        color: $text-muted;
        & > .segmented--chosen { color: $text; text-style: bold; }
        &:focus > .segmented--chosen { color: $block-cursor-foreground; background: $block-cursor-background; }
    }
    """
    BINDINGS = [
        Binding("left", "choose(-1)", "Previous", show=False),
        Binding("right,space,enter", "choose(1)", "Next", show=False),
    ]

    value: reactive[str] = reactive("")

    class Changed(Message):
        def __init__(self, segmented: "Segmented", value: str):
            super().__init__()
            self.segmented = segmented
            self.value = value

        @property
        def control(self) -> "Segmented":
            return self.segmented

    def __init__(self, options: tuple[str, ...], value: str = "", *, id: str | None = None):
        super().__init__(id=id)
        self.options = options
        self.set_reactive(Segmented.value, value)

    def render(self) -> Content:
        chosen = self.get_visual_style("segmented--chosen")
        words = [
            Content.styled(f"‹{option}›", chosen) if option == self.value else Content(option)
            for option in self.options
        ]
        return Content(" ").join(words)

    def action_choose(self, step: int) -> None:
        at = self.options.index(self.value) + step if self.value in self.options else 0
        self._choose(self.options[at % len(self.options)])

    def on_click(self, event: events.Click) -> None:
        left = 0
        for option in self.options:
            width = len(option) + 2 * (option == self.value)
            if left <= event.x < left + width:
                self._choose(option)
                return
            left += width + 1

    def _choose(self, option: str) -> None:
        if option != self.value:
            self.value = option
            self.post_message(self.Changed(self, option))
