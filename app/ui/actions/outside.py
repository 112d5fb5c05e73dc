"""What goes out of the app: to the editor, and to the clipboard."""

import asyncio
import os
import subprocess

from app.config.command_line import command_line
from app.config.document import ConfigError
from app.config.edits import CannotEdit
from app.machine.clipboard import copy, terminal_would_take
from app.session.editor import editor_command
from app.ui.actions.files import save
from app.ui.deck import Deck


async def editor(app: Deck) -> None:
    """Opens the file in the person's editor and takes the changes over. What is not saved is saved first."""
    snapshot = app.session.snapshot
    if snapshot.dirty or snapshot.path is None:
        await save(app)
        snapshot = app.session.snapshot
        if snapshot.dirty or snapshot.path is None:
            return
    command = editor_command(os.environ, snapshot.path)
    if command is None:
        app.tell("No editor was found: set EDITOR to the command of yours.", "warning")
        return
    with app.suspend():
        try:
            code = subprocess.run(command, check=False).returncode
        except OSError as error:
            app.tell(f"{command[0]} cannot be started: {error.strerror}. Set EDITOR to another command.", "error")
            return
    if not app.session.changes_on_disk():
        if code:
            app.tell(f"{command[0]} ended with exit code {code}, and the file is as it was.", "warning")
        return
    try:
        app.session.open(snapshot.path)
        app.tell(f"{snapshot.path.name} was changed, and is shown as it is now.")
    except ConfigError as error:
        app.tell(f"The change cannot be shown: {error}", "error")


async def copy_yaml(app: Deck) -> None:
    try:
        text = app.session.rendered()
    except CannotEdit:
        text = app.session.rewritten()
    await _copy(app, text, "The YAML")


async def copy_command(app: Deck) -> None:
    line = command_line(app.session.snapshot.config)
    unsaid = f" No flag can say {', '.join(line.unsaid)}: only the file trains these." if line.unsaid else ""
    await _copy(app, line.text, "The command", unsaid)


async def _copy(app: Deck, text: str, what: str, besides: str = "") -> None:
    """By the system's own command where there is one, and by the terminal, which also reaches over ssh."""
    way = await asyncio.to_thread(copy, text)
    reaches = terminal_would_take(text)
    if reaches:
        app.copy_to_clipboard(text.encode(errors="replace").decode())
    if way is None and not reaches:
        app.tell(f"{what} is too long for the terminal's clipboard; save it to a file instead.", "warning")
    else:
        app.tell(f"{what} is on the clipboard.{besides}", "warning" if besides else "information")
