"""What can be done with the runs there are. Whatever touches the disk is awaited in a thread."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from app.config.document import ConfigError, read
from app.runs import units
from app.runs.best import best_adapter
from app.runs.delete import delete_run, files_of, why_it_stays
from app.runs.differences import differences
from app.runs.export import FileStands, export_csv
from app.runs.folder import RunError, manifest
from app.session.run_list import ListedRun
from app.session.watch import Watch
from app.ui import run_words
from app.ui.actions.files import may_discard
from app.ui.actions.running import watch as watch_run
from app.ui.deck import Deck, in_short
from app.ui.places import FIRST_FORM, RUNS
from app.ui.screens.dialogs import AskText, Choose
from app.ui.screens.read import READ_AROUND, Read
from app.wire.run_folder import RunFolder
from app.wire.text import printable

if TYPE_CHECKING:
    from app.ui.screens.runs import RunsScreen


async def runs(app: Deck) -> None:
    await app.go(RUNS)


async def watch(app: Deck) -> None:
    run = _chosen(app)
    if run is not None and run.summary.state == "queued":
        app.tell(f"{run.id} waits in the queue, and has nothing to show yet.")
    elif run is not None:
        await watch_run(app, Watch(run.summary.folder))


async def mark(app: Deck) -> None:
    if (run := _chosen(app)) is not None:
        _screen(app).mark(run.id)


async def axis(app: Deck) -> None:
    _screen(app).next_axis()


async def filter_runs(app: Deck) -> None:
    _screen(app).ask_filter()


async def compare(app: Deck) -> None:
    """The marked runs; one marked run and the one under the cursor."""
    pairs = _screen(app).marked
    chosen = _chosen(app)
    if len(pairs) == 1 and chosen is not None and chosen.id != pairs[0][1].id:
        pairs = [*pairs, ("▸", chosen)]
    if len(pairs) < 2:
        app.tell("Mark two runs or more with Space first: then this shows in which values they differ.")
        return
    found = await asyncio.to_thread(differences, [run.summary.folder for _, run in pairs])
    names = [(mark, run.id) for mark, run in pairs]
    width = app.size.width * 96 // 100 - READ_AROUND
    await app.push_screen(Read("In what they differ", run_words.differing(names, found, width), is_wide=True))


async def new_from_run(app: Deck) -> None:
    """Its configuration as one that is in no file yet: what the run keeps stays as it is."""
    run = _chosen(app)
    if run is None or not await may_discard(app):
        return
    folder = run.summary.folder
    try:
        text = (await asyncio.to_thread(read, folder.config)).text
        app.session.begin_with(text)
    except ConfigError as error:
        app.tell(str(error), "error")
        return
    await app.go(FIRST_FORM)
    start = await asyncio.to_thread(_started_in, folder)
    if start is not None and start != app.start_directory:
        app.tell(f"Its relative paths began in {start}, and begin in {app.start_directory} here.", "warning")
    else:
        app.tell(f"The configuration of {run.id}, as a new one. ^r trains it, ^s saves it.")


async def delete(app: Deck) -> None:
    run = _chosen(app)
    if run is None:
        return
    if obstacle := why_it_stays(run.summary):
        app.tell(obstacle, "warning")
        return
    folder = run.summary.folder
    files = await asyncio.to_thread(files_of, folder)
    total = sum(file.size for file in files)
    widest = max((len(printable(file.name)) for file in files), default=0)
    lines = [
        Content(printable(str(folder.path))),
        Content(f"{len(files)} files, {_size(total)}{_what_stays(app, run)}"),
        *(Content.styled(words, "$text-warning") for words in await asyncio.to_thread(_what_goes, run)),
        Content(""),
        *(Content(f"{printable(file.name):<{widest}}  {_size(file.size):>9}") for file in files),
    ]
    answers = {"cancel": "Keep it", "delete": "Delete it"}
    if await app.push_screen_wait(Choose(f"Delete {run.id}?", Content("\n").join(lines), answers)) != "delete":
        return
    try:
        await asyncio.to_thread(delete_run, folder)
    except RunError as error:
        app.tell(str(error), "error")
        return
    if app.watched is not None and app.watched.folder == folder:
        app.watched = None
        app.show_run("", "")
    app.tell(f"{run.id} is deleted.")
    _screen(app).look()


async def export(app: Deck) -> None:
    """Asks for a name, and again where a file stands."""
    run = _chosen(app)
    if run is None:
        return
    named, complaint = f"{run.id}.csv", ""
    while named:
        question = AskText(f"Export the curve of {run.id} as CSV", named, complaint, is_path=True)
        named = await app.push_screen_wait(question)
        if not named:
            return
        target = app.start_directory / Path(named).expanduser()
        try:
            count = await _export(app, run, target)
        except RunError as error:
            complaint = str(error)
            continue
        if count is not None:
            app.tell(f"{in_short(target, app.start_directory)}: {count:,} iterations.")
        return


async def _export(app: Deck, run: ListedRun, target: Path) -> int | None:
    """How many lines were written; None when a file that stands there is to stay. Raises RunError."""
    try:
        return await asyncio.to_thread(export_csv, run.summary.folder, target)
    except FileStands as error:
        answers = {"cancel": "Cancel", "replace": "Replace it"}
        if await app.push_screen_wait(Choose("The file exists", str(error), answers)) != "replace":
            return None
        return await asyncio.to_thread(export_csv, run.summary.folder, target, True)


def _started_in(folder: RunFolder) -> Path | None:
    """Where a run's relative paths begin; None where that is not known."""
    try:
        start = manifest(folder).get("start_directory")
    except RunError:
        return None
    return Path(start) if isinstance(start, str) else None


def _screen(app: Deck) -> "RunsScreen":
    return app.shown  # type: ignore[return-value]


def _chosen(app: Deck) -> ListedRun | None:
    run = _screen(app).chosen
    if run is None:
        app.tell("There is no run under the cursor.")
    return run


def _what_goes(run: ListedRun) -> list[str]:
    """What a person may not think of, and cannot bring back."""
    lines = []
    if run.summary.state == "paused":
        lines.append("It is paused, and could still be resumed: then it cannot any more.")
    if (best := best_adapter(run.summary.folder)) is not None:
        lines.append(f"Its best adapter, of iteration {int(best.name):,}, is kept here alone, and goes too.")
    return lines


def _what_stays(app: Deck, run: ListedRun) -> str:
    adapter = run.summary.adapter_path
    if not adapter or Path(adapter).is_relative_to(run.summary.folder.path):
        return ""
    return f"; the adapter in {printable(in_short(adapter, app.start_directory))} stays"


def _size(count: int) -> str:
    return f"{count:,} B" if count < 10_000 else f"{count / 1000:,.0f} kB" if count < 10**7 else units.size(count)
