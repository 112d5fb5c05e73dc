"""The app with its keys: every command of the table, bound, offered when it works, and carried out."""

from textual.binding import Binding

from app.ui.actions import ACTIONS
from app.ui.commands import BY_ID, COMMAND_TABLE, key_name
from app.ui.deck import Deck
from app.ui.palette import DeckCommands


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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "command" and not self._works_now(str(parameters[0])))

    def action_command(self, id: str) -> None:
        """Runs beside the message loop, since many commands ask something first; never the same one twice at once."""
        if not any(worker.name == id and not worker.is_finished for worker in self.workers):
            self.run_worker(ACTIONS[id](self), name=id, group="commands")

    async def action_quit(self) -> None:
        self.action_command("quit")

    def _works_now(self, id: str) -> bool:
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
