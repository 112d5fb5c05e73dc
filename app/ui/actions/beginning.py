"""Ways to begin: a path, a file of late, the demo, something new."""

import asyncio
import os
from pathlib import Path

from app.config.document import ConfigError
from app.data.rows import RowCounts, count_rows
from app.session.watch import Watch
from app.ui.actions.files import may_discard
from app.ui.actions.model_choice import choose_model
from app.ui.actions.running import watch
from app.ui.deck import Deck, in_short
from app.ui.places import FIRST_FORM, PRESETS, RUNS
from app.ui.screens import start
from app.ui.screens.dialogs import AskText
from app.wire.text import printable


async def begin(app: Deck, what: str) -> None:
    """One of the entries of the Start screen."""
    if what == start.BACK:
        await app.go(app.group)
    elif what == start.PAUSED and app.paused is not None:
        await watch(app, Watch(app.paused.folder))
    elif what == start.RUNS:
        await app.go(RUNS)
    elif what == start.DEMO:
        await demo(app)
    elif what == start.NEW_FROM:
        await new_from(app)
    elif what == start.PRESETS:
        await app.go(PRESETS)
    elif what == start.NEW:
        await new(app)
    elif what.startswith(start.RECENT):
        await open_file(app, Path(what.removeprefix(start.RECENT)))


async def open_path(app: Deck, text: str) -> None:
    """A path that was typed, pasted or dropped: what it is decides what is done with it."""
    from app.session.dropped import dropped

    found = await asyncio.to_thread(dropped, text)
    if found is None:
        return
    if found.note:
        app.tell(found.note, "warning")
    match found.kind:
        case "config":
            await open_file(app, found.path)
        case "data":
            await new_from(app, data=in_short(found.path, app.start_directory))
        case "model":
            await new_from(app, model=in_short(found.path, app.start_directory))
        case "missing":
            _complain(app, f"There is no {found.path}: check the spelling.")
        case _:
            _complain(app, f"{found.path} is neither a YAML file nor a folder of data or of a model.")


async def open_file(app: Deck, path: Path) -> None:
    if not await may_discard(app):
        return
    try:
        app.session.open(path)
    except ConfigError as error:
        _complain(app, str(error))
        return
    app.remember_file(path)
    await app.go(FIRST_FORM)


async def new(app: Deck) -> None:
    if await may_discard(app):
        app.session.new()
        await app.go(FIRST_FORM)


async def new_from(app: Deck, model: str | None = None, data: str | None = None) -> None:
    """Asks for what is not known yet, then fills in sound numbers."""
    from app.session.fresh_start import new_text

    if not await may_discard(app):
        return
    model = model or await choose_model(app)
    if model is None:
        return
    rows: RowCounts | None = None
    complaint, text = "", data or ""
    while rows is None:
        if not data:
            question = AskText("The folder with train.jsonl", text, complaint, is_path=True)
            answer = await app.push_screen_wait(question)
            if answer is None:
                return
            text = answer
        folder = app.start_directory / Path(text).expanduser()
        found = await asyncio.to_thread(count_rows, folder)
        if found is not None and found.train is not None:
            rows = found
        elif folder.exists() or text.startswith((".", "/", "~")):
            data, complaint = None, f"{text} has no train.jsonl; the rows must stand in a file of that name."
        else:
            rows = RowCounts()  # a dataset of the hub
    depth = await asyncio.to_thread(_depth, model, app.start_directory)
    text = text if not text.startswith("~") else str(Path(text).expanduser())
    app.session.begin_with(new_text(model, text, app.start_directory, rows.train, depth, rows.valid))
    await app.go(FIRST_FORM)
    app.tell("A new configuration, ready to train or to change. ^r trains it, ^s saves it.")


async def demo(app: Deck) -> None:
    """As `tunedeck demo`: its run if one lives, else a new one, and its file in the forms."""
    from app.runs.demo import prepare_demo
    from app.runs.folder import RunError
    from app.runs.listing import live_run
    from app.session.demo import begin_demo

    if not await may_discard(app):
        return
    app.tell("Preparing the demo …")
    try:
        file = await asyncio.to_thread(prepare_demo)
        run = await asyncio.to_thread(lambda: live_run(app.runs_dir, file) or begin_demo(file, app.runs_dir))
    except RunError as error:
        app.tell(str(error), "error")
        return
    os.chdir(file.parent)  # its paths are relative, as a person's own would be
    app.start_directory = file.parent
    app.session.open(file)
    await watch(app, Watch(run))


def _depth(model: str, start_directory: Path) -> int | None:
    from app.models.cache import find_model
    from app.models.facts import ModelError

    try:
        facts = find_model(model, start_directory)
    except ModelError:
        return None
    return facts.layers if facts else None


def _complain(app: Deck, words: str) -> None:
    if hasattr(app.shown, "complain"):
        app.shown.complain(printable(words))
    else:
        app.tell(words, "error")
