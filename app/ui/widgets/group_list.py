"""The groups of parameters, each with a mark: edited, or in need of mending."""

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from app.config.registry import BY_KEY, GROUPS
from app.session.snapshot import Snapshot

TRAIN = "train"


class GroupList(OptionList):
    """Up and down move, enter goes there. `✗` a value needs mending, `●` edited since the file."""

    def __init__(self, current: str):
        self.current = current
        self._marks: dict[str, str] = {}
        super().__init__(*(Option(_words(label, " "), id) for id, label in _entries()), id="groups")

    def on_mount(self) -> None:
        self.highlighted = [id for id, _ in _entries()].index(self.current)

    def show(self, snapshot: Snapshot) -> None:
        marks = group_marks(snapshot)
        for id, label in _entries():
            if marks.get(id, " ") != self._marks.get(id, " "):
                self.replace_option_prompt(id, _words(label, marks.get(id, " ")))
        self._marks = marks


def group_marks(snapshot: Snapshot) -> dict[str, str]:
    marks = {BY_KEY[key].group: "●" for key in snapshot.edited}
    marks |= {BY_KEY[key].group: "✗" for key in snapshot.errors if key in BY_KEY}
    return marks


def _entries() -> list[tuple[str, str]]:
    return [*((group.id, group.label) for group in GROUPS), (TRAIN, "▶ Train")]


def _words(label: str, mark: str) -> Content:
    return Content(f"{mark} {label}")
