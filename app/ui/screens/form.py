"""The form of one group of parameters, made from the registry."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click

from app.config.groups import GROUPS
from app.ui.field_editors import FIELD_EDITORS
from app.ui.screens.deck_screen import DeckScreen
from app.ui.widgets.form_body import FormBody
from app.ui.widgets.panel import Panel
from app.ui.widgets.words import Words

if TYPE_CHECKING:
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck


class FormScreen(DeckScreen):
    """One screen serves every group: the form is a picture of its rows, so changing the group is a repaint."""

    AUTO_FOCUS = None
    BINDINGS = [  # priority, so that in a burst of keys what follows goes to the next field
        Binding("down", "walk(1)", show=False, priority=True),
        Binding("up", "walk(-1)", show=False, priority=True),
        Binding("tab", "tab(1)", show=False, priority=True),
        Binding("shift+tab", "tab(-1)", show=False, priority=True),
        Binding("escape", "escape", show=False),
    ]

    def __init__(self, app: "Deck") -> None:
        super().__init__(app, classes="-side" if app.window.get("side_panel", True) else "")
        self._generation = -1
        self._parts: dict[str, tuple[tuple, Content]] = {}
        self._helped: tuple = ()
        self._shown_group = ""
        self.form = FormBody(self._commit, self._stepped)
        self.about, self.side = Words(id="about"), Panel("scroll, or ^d", id="side")
        self.summary, self.help = Words(id="summary"), Words(id="help")

    def compose_content(self) -> ComposeResult:
        with Vertical(id="middle"):
            yield self.about
            with VerticalScroll(id="form", can_focus=False):
                yield self.form
        yield self.side

    def compose_foot(self) -> ComposeResult:
        yield self.summary
        yield self.help

    def _commit(self, key: str, text: str) -> None:
        if self.app.session is not None:
            self.app.session.edit(key, text)

    def _stepped(self, key: str, direction: int) -> str | None:
        from app.config.steps import stepped

        return None if self.app.session is None else stepped(key, self.app.session.text(key), direction)

    def show_frame(self) -> None:
        super().show_frame()
        group = next(group for group in GROUPS if group.id == self.app.group)
        self.about.show(Content.assemble((group.label, "bold"), (f"  {group.summary}", "$text-muted")))

    def show(self, snapshot: "Snapshot") -> None:
        from app.ui.form_rows import form_rows
        from app.ui.side_words import derived_words, findings_words, memory_words, summary_words

        session, group = self.app.session, self.app.group
        if session is None:
            return
        super().show(snapshot)
        moved = snapshot.generation != self._generation or group != self._shown_group
        is_new = group != self._shown_group
        self._generation, self._shown_group = snapshot.generation, group
        if is_new:
            self.form.leave()
        self.form.show(form_rows(group, session, snapshot), rewrite=moved)
        if is_new and self.app.screen is self:
            self.form.go()
        if self.has_class("-side") and self.has_room_for_panel:
            run = self.app.run_memory
            memory_of = (snapshot.memory, snapshot.model, snapshot.machine, run)
            findings_of = (snapshot.errors, snapshot.findings, snapshot.notices)
            self.side.show(
                self._part("memory", lambda: memory_words(snapshot, run), memory_of, snapshot.model is None),
                derived_words(snapshot),
                self._part("findings", lambda: findings_words(snapshot), findings_of),
            )
        else:
            self.summary.show(summary_words(snapshot))
        self._show_help(snapshot)

    @property
    def has_room_for_panel(self) -> bool:
        return self.has_class("-wide") or self.has_class("-huge")

    def _part(self, name: str, words: Callable[[], Content], of: tuple, stays: bool = False) -> Content:
        """A part of the panel, made anew only when what it is made of has changed.

        One that `stays` keeps what it shows: while a model's name is being typed the former's figures would else go and
        come at every letter.
        """
        known = self._parts.get(name)
        if known is not None and (stays or known[0] == of):
            return known[1]
        self._parts[name] = (of, words())
        return self._parts[name][1]

    def on_resize(self) -> None:
        super().on_resize()
        if self.app.session is not None:
            self.call_after_refresh(self.show, self.app.session.snapshot)

    @on(FormBody.Walked)
    def _walked(self) -> None:
        if self.app.session is not None:
            self._show_help(self.app.session.snapshot)

    @on(FormBody.Submitted)
    def _submitted(self) -> None:
        command = self._editor_command
        if command:
            self.app.action_command(command)
        else:
            self.form.walk(1)

    @property
    def _editor_command(self) -> str:
        """What opens more than a line for the field under the cursor; empty where there is no such thing."""
        key = self.form.row.key if self.form.row is not None else ""
        return FIELD_EDITORS[key][0] if key in FIELD_EDITORS else ""

    @on(FormBody.StatusClicked)
    def _status_clicked(self) -> None:
        self.app.action_command("reset")

    @on(Click, "#help")
    def _help_clicked(self) -> None:
        """What there is no room for, or what Enter would open."""
        self.app.action_command(self._editor_command or "keys")

    @on(Click, "#side, #summary")
    def _panel_clicked(self) -> None:
        self.app.action_command("review")

    def _show_help(self, snapshot: "Snapshot") -> None:
        from app.ui.form_rows import complaint_about
        from app.ui.help_words import help_words

        row = self.form.row
        if row is not None and (of := (row.key, *complaint_about(row.key, snapshot))) != self._helped:
            self._helped = of
            self.help.show(help_words(row.parameter, *of[1:]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows walk the fields where the editor has no use for them: a list and a text of several lines do."""
        if action == "walk":
            return self.form.has_cursor and not self.form.wants_arrow(-1 if parameters == (-1,) else 1)
        return True

    async def action_walk(self, step: int) -> None:
        await self.form.typing_has_arrived()
        self.form.walk(step)

    async def action_tab(self, step: int) -> None:
        """Through the fields, the list of places, and round again."""
        await self.form.typing_has_arrived()
        if not self.form.has_cursor:
            self.form.go(self.form.rows[0 if step > 0 else -1].key if self.form.rows else None)
        elif not self.form.walk(step):
            self.form.leave()
            self.places.focus()

    async def action_escape(self) -> None:
        """Out of the field, and back to it."""
        await self.form.typing_has_arrived()
        if self.form.has_cursor:
            self.form.leave()
            self.leave_field()
        elif self.form.row is not None:
            self.form.go(self.form.row.key)
