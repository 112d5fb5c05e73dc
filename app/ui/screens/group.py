"""The form of one group of parameters, made from the registry."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus, ScreenResume
from textual.screen import Screen
from textual.widgets import Footer, OptionList

from app.config.registry import BY_KEY, in_group
from app.session.snapshot import Snapshot
from app.session.store import EPOCHS, Session
from app.ui.widgets.derived_panel import DerivedPanel, SummaryLine
from app.ui.widgets.field_row import FieldRow, row_id
from app.ui.widgets.group_list import GroupList
from app.ui.widgets.help_panel import HelpPanel
from app.ui.widgets.title_bar import TitleBar


class GroupScreen(Screen):
    CSS_PATH = "group.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (116, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]
    AUTO_FOCUS = "#form .editor"

    def __init__(self, group: str, session: Session):
        super().__init__()
        self.group = group
        self._session = session
        self._generation = session.snapshot.generation

    def compose(self) -> ComposeResult:
        yield TitleBar()
        with Horizontal(id="body"):
            yield GroupList(self.group)
            with VerticalScroll(id="form", can_focus=False):
                for key, label in self._fields():
                    yield FieldRow(key, label, BY_KEY.get(key), self._session.text(key))
            with Vertical(id="side"):
                yield DerivedPanel()
        yield SummaryLine()
        yield HelpPanel()
        yield Footer(show_command_palette=False, compact=True)

    def _fields(self) -> list[tuple[str, str]]:
        fields = [(parameter.key, parameter.label) for parameter in in_group(self.group)]
        keys = [key for key, _ in fields]
        if "iters" in keys:
            fields.insert(keys.index("iters") + 1, (EPOCHS, "Epochs"))
        return fields

    @property
    def rows(self) -> list[FieldRow]:
        return list(self.query(FieldRow))

    @on(ScreenResume)
    def _show_latest(self) -> None:
        self.show(self._session.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        if not self.is_mounted:
            return
        moved, self._generation = snapshot.generation != self._generation, snapshot.generation
        for row in self.rows:
            if moved:
                row.forget_typed()
            row.show(self._session.text(row.key), row.key in snapshot.errors, *_origin(row.key, snapshot))
        title = self.query_one(TitleBar)
        title.show_file(self.app.document_name, snapshot.dirty)  # type: ignore[attr-defined]
        title.show_run(self.app.run_words)  # type: ignore[attr-defined]
        self.query_one(GroupList).show(snapshot)
        self.query_one(DerivedPanel).show(snapshot)
        self.query_one(SummaryLine).show(snapshot)
        self._show_help(snapshot)

    def focus_field(self, key: str) -> None:
        self.query_one(f"#{row_id(key)} .editor").focus()

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        self._show_help(self._session.snapshot)

    def _show_help(self, snapshot: Snapshot) -> None:
        focused = self.focused
        row = next((node for node in focused.ancestors if isinstance(node, FieldRow)), None) if focused else None
        if row is not None:
            self.query_one(HelpPanel).show(row.parameter, snapshot.errors.get(row.key))

    @on(FieldRow.Edited)
    def _edit(self, event: FieldRow.Edited) -> None:
        self._session.edit(event.key, event.text)

    @on(OptionList.OptionSelected, "#groups")
    def _go(self, event: OptionList.OptionSelected) -> None:
        self.run_worker(self.app.go(event.option_id), group="commands")  # type: ignore[attr-defined]

    def key_down(self) -> None:
        self._move(1)

    def key_up(self) -> None:
        self._move(-1)

    def _move(self, step: int) -> None:
        """Arrows walk the rows: an Input leaves up and down to us, a list or a text area does not."""
        if self.focused is not None and self.focused.has_class("editor"):
            self.focus_next(".editor") if step > 0 else self.focus_previous(".editor")


def _origin(key: str, snapshot: Snapshot) -> tuple[str, bool]:
    if key == EPOCHS:
        return ("typed" if snapshot.epochs_held else "= iters"), snapshot.epochs_held
    return snapshot.config.origins[key].value, key in snapshot.edited
