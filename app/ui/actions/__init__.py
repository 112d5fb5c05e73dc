"""What each command does: a coroutine for every id of the command table."""

from collections.abc import Callable, Coroutine

from app.ui.actions import files, moves, running
from app.ui.deck import Deck

ACTIONS: dict[str, Callable[[Deck], Coroutine[None, None, None]]] = {
    "start": running.start,
    "stop": running.stop,
    "attach": running.choose,
    "log_scale": running.log_scale,
    "open": files.open_file,
    "new": files.new,
    "save": files.save,
    "save_as": files.save_as,
    "quit": files.leave,
    "undo": moves.undo,
    "redo": moves.redo,
    "train_screen": moves.train_screen,
    "forms": moves.forms,
    "next_group": moves.next_group,
    "previous_group": moves.previous_group,
    "groups": moves.groups,
    "keys": moves.keys,
    "findings": moves.findings,
}
