"""What each command does: a coroutine for every id of the command table, or what opens at once."""

from collections.abc import Callable, Coroutine

from app.ui.actions import (
    beginning,
    dataset,
    fields,
    files,
    memory,
    model_choice,
    module_choice,
    moves,
    outside,
    rate_choice,
    running,
    starting,
    themes,
)
from app.ui.deck import Deck
from app.ui.palette import open_palette

ACTIONS: dict[str, Callable[[Deck], Coroutine[None, None, None]]] = {
    "start": starting.start,
    "queue_add": starting.add_to_queue,
    "queue": running.queue,
    "stop": running.stop,
    "attach": running.choose,
    "log_scale": running.log_scale,
    "open": moves.open_place,
    "presets": moves.presets,
    "data": moves.data,
    "row": dataset.row,
    "split": dataset.split,
    "read_again": dataset.read_again,
    "stop_reading": dataset.stop_reading,
    "use_length": dataset.use_length,
    "review": moves.review,
    "train_screen": moves.train_screen,
    "forms": moves.forms,
    "next_group": moves.next_group,
    "previous_group": moves.previous_group,
    "undo": moves.undo,
    "redo": moves.redo,
    "keys": moves.keys,
    "reset": fields.reset,
    "step_up": fields.step_up,
    "step_down": fields.step_down,
    "mend": fields.mend,
    "side_panel": fields.side_panel,
    "fit": memory.fit,
    "probe": memory.probe,
    "models": model_choice.models,
    "schedule": rate_choice.schedule,
    "modules": module_choice.modules,
    "new": beginning.new,
    "save": files.save,
    "save_as": files.save_as,
    "save_preset": files.save_preset,
    "quit": files.leave,
    "editor": outside.editor,
    "copy_yaml": outside.copy_yaml,
    "copy_command": outside.copy_command,
    "theme": themes.theme,
}

OPENERS: dict[str, Callable[[Deck], None]] = {"go": fields.go, "find": fields.find, "palette": open_palette}
"""What opens in the very moment of its key, so that what is typed behind it goes there and not into a field."""
