"""The form of one group of parameters, made from the registry."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus, ScreenResume
from textual.screen import Screen
from textual.widgets import Footer, OptionList, TextArea

from app.config.config import ALPHA, SCALE, Origin
from app.config.registry import BY_KEY, GROUPS, in_group
from app.session.snapshot import Snapshot
from app.session.store import EPOCHS, Session
from app.ui.widgets.derived_panel import DerivedPanel, SummaryLine
from app.ui.widgets.field_row import FieldRow
from app.ui.widgets.group_list import GroupList
from app.ui.widgets.help_panel import HelpPanel
from app.ui.widgets.title_bar import TitleBar


class GroupScreen(Screen):
    CSS_PATH = "group.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (116, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]
    AUTO_FOCUS = "#form .editor"
    BINDINGS = [  # priority, so that in a burst of keys what follows goes to the next field
        Binding("down", "walk(1)", show=False, priority=True),
        Binding("up", "walk(-1)", show=False, priority=True),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, group: str, session: Session):
        super().__init__()
        self.group = group
        self._label = next(each.label for each in GROUPS if each.id == group)
        self._session = session
        self._generation = session.snapshot.generation
        # Held rather than queried: a snapshot may come while the screen is still, or no longer, whole.
        self._rows = [
            FieldRow(key, label, BY_KEY.get(key), session.text(key), session.edit) for key, label in self._fields()
        ]
        self._heading, self._groups = TitleBar(), GroupList(group)
        self._derived, self._summary, self._help = DerivedPanel(), SummaryLine(), HelpPanel()

    def compose(self) -> ComposeResult:
        yield self._heading
        with Horizontal(id="body"):
            yield self._groups
            with VerticalScroll(id="form", can_focus=False):
                yield from self._rows
            with Vertical(id="side"):
                yield self._derived
        yield self._summary
        yield self._help
        yield Footer(show_command_palette=False, compact=True)

    def _fields(self) -> list[tuple[str, str]]:
        fields = [(parameter.key, parameter.label) for parameter in in_group(self.group)]
        keys = [key for key, _ in fields]
        if "iters" in keys:
            fields.insert(keys.index("iters") + 1, (EPOCHS, "Epochs"))
        return fields

    @on(ScreenResume)
    def _show_latest(self) -> None:
        self.show(self._session.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        moved, self._generation = snapshot.generation != self._generation, snapshot.generation
        for row in self._rows:
            if moved:
                row.forget_typed()
            row.show(self._session.text(row.key), row.key in snapshot.errors, *_origin(row.key, snapshot))
        self._heading.show_file(f"{self._label} · {self.app.document_name}", snapshot.dirty)  # type: ignore[attr-defined]
        self._heading.show_run(self.app.run_words)  # type: ignore[attr-defined]
        self._groups.show(snapshot)
        self._derived.show(snapshot)
        self._summary.show(snapshot)
        self._show_help(snapshot)

    def show_run(self, words: str) -> None:
        self._heading.show_run(words)

    @property
    def focused_row(self) -> FieldRow | None:
        return (
            next((node for node in self.focused.ancestors if isinstance(node, FieldRow)), None)
            if self.focused
            else None
        )

    def focus_field(self, key: str) -> None:
        next(row for row in self._rows if row.key == key).editor.focus()

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        self._show_help(self._session.snapshot)

    def _show_help(self, snapshot: Snapshot) -> None:
        row = self.focused_row
        if row is not None:
            self._help.show(row.parameter, snapshot.errors.get(row.key))

    @on(OptionList.OptionSelected, "#groups")
    def _go(self, event: OptionList.OptionSelected) -> None:
        self.run_worker(self.app.go(event.option_id), group="commands")  # type: ignore[attr-defined]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows walk the rows where the editor has no use for them: a list and a text area do."""
        walks = self.focused is not None and self.focused.has_class("editor") and not isinstance(self.focused, TextArea)
        return walks if action == "walk" else True

    def action_walk(self, step: int) -> None:
        self.focus_next(".editor") if step > 0 else self.focus_previous(".editor")


def _origin(key: str, snapshot: Snapshot) -> tuple[str, bool]:
    if key == EPOCHS:
        return ("typed" if snapshot.epochs_held else "= iters"), snapshot.epochs_held
    follower = SCALE if snapshot.config.alpha is not None else ALPHA
    if key == follower and snapshot.config.origins[key] is not Origin.DEFAULT:
        return ("= alpha" if key == SCALE else "= scale"), key in snapshot.edited
    return snapshot.config.origins[key].value, key in snapshot.edited
