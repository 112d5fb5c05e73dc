"""The least that Textual can do: an app with one Input."""

from textual.app import App, ComposeResult
from textual.widgets import Input


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Input(placeholder="bare-app")


if __name__ == "__main__":
    Bare().run()
