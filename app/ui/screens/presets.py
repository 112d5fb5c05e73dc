"""Settings for a purpose: what each preset would change here, and why, before it is applied."""

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from app.ui.screens.deck_screen import DeckScreen
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.words import Words
from app.wire.text import printable

if TYPE_CHECKING:
    from app.config.preset_file import Preset
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck

WIDE = 110
"""Columns from which on a reason has room beside its change."""


class PresetsScreen(DeckScreen):
    """Enter applies the preset under the cursor; one undo takes it back."""

    AUTO_FOCUS = "#presets"

    def __init__(self, app: "Deck") -> None:
        super().__init__(app)
        self.list, self._preview = LineList(id="presets"), Words(id="preview")
        self.list.selects_first = True
        self._presets: tuple[Preset, ...] = ()
        self._complaints: tuple[str, ...] = ()

    def compose_content(self) -> ComposeResult:
        with Vertical(id="choice"):
            yield self.list
            with VerticalScroll(id="preview-pane", can_focus=False):
                yield self._preview

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.app.session is not None:
            self.ready()

    def ready(self) -> None:
        self.app.run_worker(self._read, group="presets", exclusive=True)  # type: ignore[arg-type]

    async def _read(self) -> None:
        from app.config.presets import load_presets, user_folder

        self._presets, self._complaints = await asyncio.to_thread(lambda: load_presets(user_folder()))
        if self.app.session is not None:
            self.show(self.app.session.snapshot)

    @property
    def chosen(self) -> "Preset | None":
        return next((preset for preset in self._presets if preset.id == self.list.chosen), None)

    def show(self, snapshot: "Snapshot") -> None:
        super().show(snapshot)
        applied = {preset.id for preset in snapshot.presets}
        lines = [Line(preset.id, _line(preset, preset.id in applied)) for preset in self._presets]
        self.list.show(lines)
        self.list.styles.height = max(1, min(len(lines), 8))
        self._show_preview()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        if event.lines is self.list:
            self._show_preview()
            self.query_one("#preview-pane").scroll_home(animate=False)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        if event.lines is self.list:
            self.apply()

    def apply(self) -> None:
        session, preset = self.app.session, self.chosen
        if session is None or preset is None:
            return
        count = len(session.apply_preset(preset).changes)
        self.app.tell(f"{preset.name}: {count} value{'s' * (count != 1)} changed. Undo takes it back as one.")

    def _show_preview(self) -> None:
        session, preset = self.app.session, self.chosen
        if session is not None and preset is not None:
            words = preview_words(session.preview(preset), session.preset_conflicts(preset), self.size.width)
            source = "" if preset.shipped else f"\n{printable(str(preset.path))}"
            hint = ("\nEnter, or another click, applies it as one step; ^z takes it back.", "$text-muted")
            head = Content.assemble((printable(preset.name), "bold"), f"  {printable(preset.summary)}", source, hint)
            complaints = [Content.styled(f"▲ {printable(words)}", "$text-warning") for words in self._complaints]
            self._preview.show(Content("\n\n").join([head, words, *complaints]))
            self.app.follow_facts()


def preview_words(applied, conflicts, width: int) -> Content:
    """What would change, with the reason of each; what stood so before; and what an earlier preset loses."""
    from app.config.preset_setting import one_line

    between = "  " if width >= WIDE else "\n    "
    lines = [Content.styled(f"▲ {printable(str(conflict))}", "$text-warning") for conflict in conflicts]
    lines += [Content("")] if lines else []
    if not applied.changes:
        lines.append(Content("Nothing to change: every value is as this preset has it."))
    for change in applied.changes:
        reason = " · ".join(filter(None, (change.note, change.why)))
        before, after = printable(one_line(change.key, change.before)), printable(one_line(change.key, change.after))
        lines.append(
            Content.assemble(
                f"{change.key:<26}",
                (f"{before:>9}", "$text-muted"),
                " → ",
                (f"{after:<9}", "bold"),
                between,
                (printable(reason), "$text-muted"),
            )
        )
    if applied.already:
        lines += [Content(""), Content.styled("Already so", "$text-muted")]
        lines += [
            Content.styled(f"{same.key:<26}{printable(one_line(same.key, same.after)):>9}", "$text-muted")
            for same in applied.already
        ]
    return Content("\n").join(lines)


def _line(preset: "Preset", is_applied: bool) -> Content:
    mark = ("✓ ", "$text-success bold") if is_applied else "  "
    return Content.assemble(mark, f"{printable(preset.name):<20}", (printable(preset.summary), "$text-muted"))
