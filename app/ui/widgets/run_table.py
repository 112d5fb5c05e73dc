"""The list of runs: Enter watches one, Space and a click before its line mark it."""

from textual import events
from textual.binding import Binding

from app.ui.run_words import MARK
from app.ui.widgets.line_list import LineList


class RunTable(LineList):
    BINDINGS = [Binding("space", "mark", show=False)]

    class Marked(LineList.Moved):
        """An entry is to be marked, or not any more."""

    def __init__(self) -> None:
        super().__init__(id="runs")
        self.selects_first = True

    def action_mark(self) -> None:
        if self.chosen:
            self.post_message(self.Marked(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset_capture(self)
        id = self.entry_at(place.y)
        if id and place.x < MARK:
            event.prevent_default()  # else the click opens the entry under the cursor
            self.post_message(self.Marked(self, id))
