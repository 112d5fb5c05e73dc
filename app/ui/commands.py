"""Every action once: its key, its words, and where it works. Bindings, footer, palette and help are made from it.

Keys are Ctrl letters that a text field does not use itself, so that they work while typing and in any terminal.
"""

from dataclasses import dataclass
from typing import Literal

Where = Literal["forms", "train", "everywhere"]


@dataclass(frozen=True)
class Command:
    id: str
    key: str
    """Textual's name for the key; empty when the palette and the mouse are the only ways."""
    label: str
    help: str
    where: Where = "everywhere"
    footer: bool = True


COMMAND_TABLE = (
    Command("start", "ctrl+r", "Run", "Train the values shown; closing this screen stops nothing"),
    Command("stop", "ctrl+x", "Stop and save", "End the run at its next micro-batch and save", "train"),
    Command("save", "ctrl+s", "Save", "Write the YAML file, after showing what changes", "forms"),
    Command("open", "ctrl+o", "Open", "Open a YAML file"),
    Command("undo", "ctrl+z", "Undo", "Take back the last edit", "forms"),
    Command("redo", "ctrl+y", "Redo", "Bring the edit back", "forms", footer=False),
    Command("train_screen", "ctrl+t", "Train", "Go to the run and its loss curve", "forms"),
    Command("forms", "ctrl+t", "Forms", "Go back to the form", "train"),
    Command("next_group", "ctrl+n", "Next", "Go to the next group of parameters", "forms"),
    Command("previous_group", "ctrl+b", "Previous group", "Go to the group before", "forms", footer=False),
    Command("groups", "ctrl+g", "Groups", "Focus the list of groups", "everywhere", footer=False),
    Command(
        "log_scale",
        "ctrl+l",
        "Log scale",
        "Loss axis linear or logarithmic",
        "train",
        footer=False,
    ),
    Command("save_as", "", "Save as", "Write the YAML under another name", "forms", footer=False),
    Command("new", "", "New", "Start from mlx-lm's defaults", "forms", footer=False),
    Command("attach", "", "Watch another run", "Choose one of the runs on this machine", footer=False),
    Command("findings", "ctrl+f", "Findings", "Derived numbers and findings, in full", "forms", footer=False),
    Command("keys", "f1", "Help", "Help for this field, and all keys"),
    Command("palette", "ctrl+p", "Palette", "Find any action, group or parameter by typing"),
    Command("quit", "ctrl+q", "Quit", "Leave; a run in progress goes on"),
)

BY_ID = {command.id: command for command in COMMAND_TABLE}


def key_name(command: Command) -> str:
    """The key as the footer and the help write it: ^r for Ctrl+R."""
    return command.key.replace("ctrl+", "^")
