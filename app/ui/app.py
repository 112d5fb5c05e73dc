"""The app with its keys: every command of the table, bound, offered when it works, and carried out."""

import asyncio
from pathlib import Path

from textual.binding import Binding
from textual.command import CommandPalette

from app.session.store import Session
from app.session.watch import Watch
from app.ui.actions import ACTIONS
from app.ui.burst import typing_has_arrived
from app.ui.commands import BY_ID, COMMAND_TABLE, key_name
from app.ui.deck import Deck
from app.ui.palette import DeckCommands

STEPS = ("undo", "redo", "next_group", "previous_group")
"""Commands that mean more when given again."""


class TunedeckApp(Deck):
    TITLE = "tunedeck"
    CSS_PATH = "app.tcss"
    COMMANDS = {DeckCommands}
    BINDINGS = [
        Binding(
            command.key,
            f"command('{command.id}')",
            command.label,
            show=command.footer,
            key_display=key_name(command),
            priority=True,
        )
        for command in COMMAND_TABLE
        if command.key
    ]

    def __init__(self, session: Session, runs_dir: Path, watched: Watch | None = None):
        super().__init__(session, runs_dir, watched)
        self._step = asyncio.Lock()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "command" and not self._works_now(str(parameters[0])))

    def action_command(self, id: str) -> None:
        """Runs beside the message loop, since many commands ask something first.

        The same one never runs twice at once, save for steps, which are taken one after another. The palette opens at
        once, so that what is typed behind its key goes into it and not into a field.
        """
        if id == "palette":
            self.action_command_palette()
            return
        if id in STEPS or not any(worker.name == id and not worker.is_finished for worker in self.workers):
            self.run_worker(self._carry_out(id), name=id, group="commands")

    async def _carry_out(self, id: str) -> None:
        await typing_has_arrived(self.focused)
        if id not in STEPS:
            await ACTIONS[id](self)
            return
        async with self._step:
            if self._works_now(id):
                await ACTIONS[id](self)

    async def action_quit(self) -> None:
        self.action_command("quit")

    def _works_now(self, id: str) -> bool:
        if self.screen.is_modal and not isinstance(self.screen, CommandPalette):
            return id == "quit"  # a question is open: answer it first
        where = BY_ID[id].where
        if where != "everywhere" and (where == "train") != self.on_train_screen:
            return False
        match id:
            case "undo":
                return self.session.snapshot.can_undo
            case "redo":
                return self.session.snapshot.can_redo
            case "stop":
                return self.watched is not None and self.watched.live
            case "start":
                return self.watched is None or not self.watched.live
        return True
