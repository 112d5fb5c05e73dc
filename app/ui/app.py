"""The app with its keys: every command of the table, bound, offered when it works, and carried out."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding

from app.ui.commands import BY_ID, COMMAND_TABLE, Command
from app.ui.deck import Deck
from app.ui.places import START
from app.ui.screen_makers import SCREEN_MAKERS
from app.ui.terminal import DARK

if TYPE_CHECKING:
    from app.session.keymap import Keymap
    from app.session.opening import Opened
    from app.session.watch import Watch

STEPS = ("undo", "redo", "next_group", "previous_group", "step_up", "step_down")
"""Commands that mean more when given again."""

AT_ONCE = ("palette", "go", "find")
"""Commands that open in the moment of their key, so that what is typed behind it goes there and not into a field."""

NEEDS_NO_SESSION = ("quit",)
"""A dialog of before would lie over what opening shows."""

ABOUT_THE_RUN: dict[str, "Callable[[Watch], bool]"] = {
    "stop": lambda run: run.goes_on,
    "pause": lambda run: run.goes_on and not run.asked_to_end,
    "resume": lambda run: run.can_be_resumed,
    "resume_from": lambda run: run.can_be_resumed,
    "use_best": lambda run: run.history.best is not None and not run.history.best_is_in_place and not run.live,
    "report": lambda run: run.crash is not None,
    "mend_run": lambda run: bool(run.mendable),
}
"""Commands about the run that is watched, and when they would do something."""


def _binding(command: Command, key: str, priority: bool) -> Binding:
    id = command.id if key == command.key else f"{command.id}-letter"
    return Binding(key, f"command('{command.id}')", command.label, show=False, priority=priority, id=id)


class TunedeckApp(Deck):
    TITLE = "tunedeck"
    CSS_PATH = [
        "app.tcss",
        *(
            f"screens/{name}.tcss"
            for name in ("deck_screen", "form", "start", "presets", "data", "review", "train", "runs")
        ),
    ]
    """Parsed at once: a screen that brought its own styles would have all of them parsed anew."""
    ENABLE_COMMAND_PALETTE = False  # ours opens by a command of the table
    BINDINGS = [
        *(_binding(command, command.key, True) for command in COMMAND_TABLE if command.key),
        *(_binding(command, command.letter, False) for command in COMMAND_TABLE if command.letter),
    ]

    def __init__(
        self,
        opening: Callable[[], "Opened"],
        runs_dir: Path,
        file: Path | None = None,
        place: str = START,
        theme: str = DARK,
    ):
        super().__init__(SCREEN_MAKERS, opening, runs_dir, file, place, theme)
        self.keys = {command.id: command.key or command.letter for command in COMMAND_TABLE}
        self._step = asyncio.Lock()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The palette offers commands while it is open; their keys are not for the screen below it."""
        if action != "command":
            return True
        return self.works_now(str(parameters[0])) and (not self._palette_is_open or parameters[0] == "quit")

    def action_command(self, id: str) -> None:
        """Runs beside the message loop, since many commands ask something first.

        The same one never runs twice at once, save for steps, which are taken one after another.
        """
        if id in AT_ONCE:
            self._open_at_once(id)
        elif id in STEPS or not self._is_held_up(id):
            self.run_worker(self._carry_out(id), name=id, group="commands")

    def _is_held_up(self, id: str) -> bool:
        """Whether the same command still goes on, or another may be about to ask something."""
        going_on = {worker.name for worker in self.workers if not worker.is_finished}
        return id in going_on or (BY_ID[id].asks and any(BY_ID[name].asks for name in going_on & BY_ID.keys()))

    def _open_at_once(self, id: str) -> None:
        from app.ui.actions import OPENERS

        self.take_typed()
        OPENERS[id](self)

    async def _carry_out(self, id: str) -> None:
        from app.ui.actions import ACTIONS
        from app.ui.burst import typing_has_arrived

        await typing_has_arrived(self.focused)
        self.take_typed()
        if id not in STEPS:
            await ACTIONS[id](self)
            return
        async with self._step:
            if self.works_now(id):
                await ACTIONS[id](self)

    def bind_keys(self, keymap: "Keymap") -> None:
        """The person's own keys in place of the table's; an empty one takes a key away."""
        # A new dictionary: the key bar compares it with the one it shows.
        self.keys = {**self.keys, **keymap.keys}
        self.set_keymap({id: key or f"unbound-{id}" for id, key in keymap.keys.items()})
        if keymap.complaints:
            self.tell(" ".join(keymap.complaints), "warning")
        self.update_bar()

    def begin(self, what: str) -> None:
        if self.session is None:
            return  # a click before there is anything to begin with
        from app.ui.actions import beginning

        self.run_worker(beginning.begin(self, what), group="commands")

    def open_path(self, text: str) -> None:
        if self.session is None:
            return
        from app.ui.actions import beginning

        self.run_worker(beginning.open_path(self, text), group="commands")

    async def action_quit(self) -> None:
        self.action_command("quit")

    def bar(self) -> tuple[Command, ...]:
        return tuple(command for command in COMMAND_TABLE if command.bar and self.works_now(command.id))

    def works_now(self, id: str) -> bool:
        """Whether a command would do something here and now."""
        if self.screen.is_modal and not self._palette_is_open:
            return id == "quit"  # a question is open: answer it first
        if getattr(self.screen, "is_too_small", False):
            return id == "quit"  # whatever it did would not be seen
        if self.place not in BY_ID[id].where:
            return False
        if self.session is None:
            return id in NEEDS_NO_SESSION
        match id:
            case "undo":
                return self.session.snapshot.can_undo
            case "redo":
                return self.session.snapshot.can_redo
            case "start":
                return self.watched is None or not self.watched.live
        if id == "resume" and self.watched is None:
            return self.paused is not None
        if id in ABOUT_THE_RUN:
            return self.watched is not None and ABOUT_THE_RUN[id](self.watched)
        return True

    @property
    def _palette_is_open(self) -> bool:
        return getattr(self.screen, "is_palette", False)
