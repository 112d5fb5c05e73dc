"""The app without its keys: what is open, which place is shown, and the way from a change of state to it."""

import asyncio
import gc
import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.screen import Screen

from app.ui.leaving import leave_cleanly_on_signals
from app.ui.place_screen import PlaceScreen
from app.ui.places import FIRST_FORM, FORMS, PLACES, START, TRAIN
from app.ui.terminal import needs_native_ansi
from app.ui.tones import readable_tones
from app.wire.text import printable

if TYPE_CHECKING:
    from app.runs.listing import RunSummary
    from app.session.keymap import Keymap
    from app.session.opening import Opened
    from app.session.settings import Settings
    from app.session.snapshot import Snapshot
    from app.session.store import Session
    from app.session.watch import Watch
    from app.ui.late_facts import LateFacts
    from app.ui.widgets.form_body import FormBody
    from app.wire.module_tree import ModuleTree

FORM_MODE = "form"
"""The one mode of all groups: others are named as their place."""

Makers = Mapping[str, Callable[["Deck"], PlaceScreen]]


class Deck(App[None]):
    """`session` is None until the first frame is on the screen: reading YAML takes longer than painting."""

    def __init__(
        self,
        makers: "Makers",
        opening: Callable[[], "Opened"],
        runs_dir: Path,
        file: Path | None,
        place: str,
        theme: str,
    ):
        """`makers` make the screen of each mode, on its first visit; `opening` reads the file and finds the run, in a
        thread; `place` is where one is until it has."""
        self._makers = makers
        self._first = self.DEFAULT_MODE = _mode_of(place)  # type: ignore[misc]
        super().__init__(ansi_color=True if needs_native_ansi(os.environ, theme) else None)
        if theme in self.available_themes and theme != self.theme:
            self.theme = theme
        self.animation_level = "none"  # nothing here moves for its own sake, and a slow link pays for each frame
        self._opening = opening
        self.session: Session = None  # type: ignore[assignment]
        """None only until the first frame is painted and the file read; no command that needs it works before."""
        self.watched: Watch | None = None
        self.paused: RunSummary | None = None
        """The newest run that was paused and not taken up again, while none is watched."""
        self.runs_dir = runs_dir
        self.start_directory = Path.cwd()
        """Where relative paths begin, as for mlx-lm."""
        self.group = place if place in FORMS else FIRST_FORM
        self.place = place
        self.farewell = ""
        """Said on the terminal once the screen is gone."""
        self.complaint = ""
        """Why the app could not open what it was asked to."""
        self.run_words = self.run_state = ""
        """What the watched run does, for the title of every screen, and as short as can be."""
        self.run_memory = ""
        """What the watched run takes of the memory, while it lives."""
        self.warned: set[str] = set()
        """Warnings that were told before a start, and need not be told again."""
        self.keys: dict[str, str] = {}
        """The key of each command, as bound now."""
        self.state_folder: Path | None = None
        """Where settings and recent files are kept; None keeps nothing."""
        self.window: dict[str, bool | int | str] = {}
        """What was opened, closed or switched, as it is remembered."""
        self.chosen_theme: str | None = None
        """The theme that the person chose; None leaves it to the terminal."""
        self.presets_folder: Path | None = None
        """Where the user's own presets are."""
        self.module_trees: dict[tuple, ModuleTree] = {}
        """Of the models whose modules were looked at, by what tells their files from others."""
        self._said = ""
        """How grave it was what was said last."""
        self._file_name = str(file) if file else ""
        self._late: LateFacts | None = None
        self._before_train: Callable[[], object] = bool
        """Called before the run is shown: the queue may have begun another one."""
        for mode, maker in makers.items():
            if mode != self._first:
                self.add_mode(mode, partial(maker, self))

    def get_default_screen(self) -> Screen:
        """The first place, in Textual's own first screen: one that is left at once would cost a frame."""
        return self._makers[self._first](self)

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, those of text made readable; in the same mapping, which Textual keeps."""
        variables = super().get_css_variables()
        variables.update(readable_tones(variables, self.current_theme.ansi, self.current_theme.dark))
        return variables

    def keep_in(self, folder: Path, settings: "Settings") -> None:
        """Remembers from now on where one was, in `folder`."""
        self.state_folder, self.window, self.chosen_theme = folder, dict(settings.window), settings.theme
        if settings.group in FORMS:
            self.group = settings.group if self.place not in FORMS else self.place

    def keep_settings(self) -> None:
        from app.session.settings import Settings, save_settings

        if self.state_folder is not None:
            save_settings(self.state_folder, Settings(self.chosen_theme, self.place, self.group, self.window))

    async def on_mount(self) -> None:
        leave_cleanly_on_signals(self)
        self.add_mode(self._first, partial(self._makers[self._first], self))  # else Textual lets no one come back to it
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        gc.freeze()
        gc.enable()
        self.run_worker(self._open_session(), group="opening")

    async def _open_session(self) -> None:
        from app.config.document import ConfigError

        try:
            opened = await asyncio.to_thread(self._opening)
        except ConfigError as error:
            self.complaint = str(error)
            self.exit(return_code=2)
            return
        if self.return_code is not None:
            return  # one has left meanwhile
        self.watched = opened.watched
        await self._show_place(TRAIN if self.watched else self.place)
        self.session = opened.session  # only now, for it lets commands in
        self.session.listen(self._changed)
        self._changed(self.session.snapshot)
        if self.place in FORMS:
            self.focus_form()
        else:
            self.shown.ready()
        self.call_after_refresh(lambda: self.run_worker(self._get_company()))

    async def _get_company(self) -> None:
        """What the values on the screen need not wait for: the person's keys, facts of data, model and machine."""
        from app.config.presets import user_folder
        from app.session.keymap import keymap_file, load_keymap
        from app.ui.commands import COMMAND_TABLE, meet

        if self.session is None:
            return
        # In a thread: the whole simulator comes with it, and keys are answered meanwhile.
        late_facts = await asyncio.to_thread(import_module, "app.ui.late_facts")
        self._late = late_facts.LateFacts(self, self.session, self.tell, self._trainer_pids)
        self._late.follow()
        queue_watch = await asyncio.to_thread(import_module, "app.ui.queue_watch")
        self._before_train = queue_watch.QueueWatch(self).take_up
        self.presets_folder = user_folder()
        defaults = {command.id: command.key for command in COMMAND_TABLE}
        self.bind_keys(await asyncio.to_thread(load_keymap, keymap_file(), list(defaults), (), defaults, meet))
        if self.session.snapshot.path is not None:
            self.remember_file(self.session.snapshot.path)
        await self.look_for_paused()

    async def look_for_paused(self) -> None:
        """Where no run is watched, one that was paused is told of: it waits for somebody to take it up."""
        from app.session.paused_run import newest_paused

        found = await asyncio.to_thread(newest_paused, self.runs_dir) if self.watched is None else None
        self.paused = found if self.watched is None else None
        self.show_now()
        self.update_bar()

    async def on_unmount(self) -> None:
        self.keep_settings()
        if self._late is not None:
            self._late.cancel()

    @property
    def shown(self) -> PlaceScreen:
        """The screen of the place where one is, whatever lies over it."""
        return self.screen_stack[0]  # type: ignore[return-value]

    @property
    def form(self) -> "FormBody":
        """The fields of the form that is shown."""
        return self.shown.form  # type: ignore[attr-defined]

    @property
    def document_name(self) -> str:
        path = self.session.snapshot.path if self.session else self._file_name
        return printable(in_short(path, self.start_directory)) if path else "new configuration"

    @property
    def title_words(self) -> str:
        label = next(place.label for place in PLACES if place.id == self.place)
        return f"{label} · {self.document_name}"

    @property
    def is_dirty(self) -> bool:
        return self.session is not None and self.session.snapshot.dirty

    def works_now(self, id: str) -> bool:
        """Whether a command would do something here and now."""
        raise NotImplementedError

    def action_command(self, id: str) -> None:
        """Carries a command out, beside the message loop."""
        raise NotImplementedError

    def bind_keys(self, keymap: "Keymap") -> None:
        """The person's own keys in place of the table's."""
        raise NotImplementedError

    def bar(self) -> tuple:
        """The commands that the key bar of this place shows now."""
        raise NotImplementedError

    async def go(self, place: str) -> None:
        """Shows a place. A form takes the cursor."""
        await self._show_place(place)
        if place in FORMS:
            self.focus_form()

    async def _show_place(self, place: str) -> None:
        if place in FORMS:
            self.group = place
        if place == TRAIN:
            self._before_train()
        if place in (START, TRAIN) and self.session is not None:
            self.run_worker(self.look_for_paused(), group="paused", exclusive=True)
        changed, self.place = place != self.place, place
        mode = _mode_of(place)
        if mode != self.current_mode:
            await self.switch_mode(mode)
        elif changed:
            self.shown.show_frame()
            self.show_now()
        self.update_bar()

    def focus_form(self) -> None:
        if not self.form.has_cursor:
            self.form.go(self.form.row.key if self.form.row else None)

    def begin(self, what: str) -> None:
        """One of the ways of the Start screen, beside the message loop."""
        raise NotImplementedError

    def open_path(self, text: str) -> None:
        """Whatever a path that was typed, pasted or dropped means, beside the message loop."""
        raise NotImplementedError

    def remember_file(self, path: Path) -> None:
        from app.session.recent import remember

        if self.state_folder is not None:
            folder = self.state_folder
            self.run_worker(lambda: remember(folder, path), thread=True, group="recent")

    def take_typed(self) -> None:
        """What stands in the field under the cursor is the configuration's, before anything is done with it."""
        if self.place in FORMS and isinstance(self.screen, PlaceScreen):
            self.form.take_typed()

    async def go_to_field(self, key: str) -> None:
        from app.config.registry import BY_KEY
        from app.session.store import EPOCHS

        await self._show_place(BY_KEY["iters" if key == EPOCHS else key].group)
        self.show_now()  # its fields are there before the cursor goes to one of them
        self.form.go(key)

    def show_run(self, words: str, state: str) -> None:
        self.run_words, self.run_state = words, state
        self.shown.heading.show_run(words, state)

    def tell(self, message: str, severity: str = "information") -> None:
        """Says it for some seconds, in place of what was said before."""
        self.clear_notifications()
        self._said = severity
        self.notify(printable(message), severity=severity, markup=False, timeout=8)  # type: ignore[arg-type]

    def hush(self) -> None:
        """Takes away what was said in passing; a warning stays."""
        if self._said == "information":
            self.clear_notifications()

    def update_bar(self) -> None:
        """The keys that work now, in the bar of the screen that is shown."""
        for screen in self.screen_stack:
            if isinstance(screen, PlaceScreen):
                screen.key_bar.show(self.bar(), self.keys)

    def show_now(self) -> None:
        """Everything as it is, on the screen that is shown."""
        if self.session is not None:
            self.shown.show(self.session.snapshot)

    def _changed(self, snapshot: "Snapshot") -> None:
        for screen in self.screen_stack:
            if isinstance(screen, PlaceScreen):
                screen.show(snapshot)
        self.update_bar()
        self.follow_facts()

    def follow_facts(self) -> None:
        """Asks for facts that what is shown now depends on."""
        if self._late is not None:
            self._late.follow()

    def stop_reading(self) -> bool:
        """Gives up reading the data; whether it was being read."""
        return self._late is not None and self._late.stop_reading()

    def _trainer_pids(self) -> frozenset[int]:
        reading = self.watched.reading if self.watched else None
        pid = reading.summary.pid if reading and reading.summary.alive else None
        return frozenset([pid] if pid else [])


def in_short(path: "Path | str", start: Path) -> str:
    """As a person would write it: relative where it is below the start directory."""
    return str(Path(path).relative_to(start)) if Path(path).is_relative_to(start) else str(path)


def _mode_of(place: str) -> str:
    return FORM_MODE if place in FORMS else place
