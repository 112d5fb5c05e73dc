"""The least that Textual can do: an app with one Input."""

from textual.app import App, ComposeResult
from textual.widgets import Input

PAINTED = "are-app"
"""What its first frame holds in one piece: the cursor stands on the letter before."""


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Input(placeholder="bare-app")


if __name__ == "__main__":
    Bare().run()
