"""Every command of the table, in every place: offered exactly where it says, and found by key, letter and palette.

A new command needs an entry in EXPECTED, which says by what one knows that it was carried out.
"""

from collections.abc import Awaitable, Callable

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from app.data.dataset import DatasetFacts, FileFacts
from app.ui.actions import ACTIONS
from app.ui.chart.chart import Chart
from app.ui.commands import BY_ID, COMMAND_TABLE, EVERYWHERE, Command, key_name, meet
from app.ui.key_help import key_help
from app.ui.palette import DeckCommands
from app.ui.places import DATA, FORMS, PRESETS, REVIEW, RUNS, START, TRAIN
from app.ui.screens.go import Go
from tests.ui.apps import REFERENCE, app_on, at, hears, press, ready, screen_text, sees, story, told_run, until, values
from tests.ui.models import three_models
from tests.ui.scenes import dead, running, stopped

SIZE = (120, 36)
FORM = "hyperparameters"
AS_GOOD_AS_ALL = (START, FORM, PRESETS, DATA, REVIEW, TRAIN, RUNS)
"""One form for all of them, where carrying a command out is concerned."""
TEXT = REFERENCE.replace("HuggingFaceTB/SmolLM3-3B", "rows")
"""A configuration that cannot train, so that no command starts a trainer."""

Check = Callable[[Pilot], Awaitable[None]]


# What each command does


def _sees(*texts: str) -> Check:
    async def check(pilot: Pilot) -> None:
        await sees(pilot, *texts)

    return check


def _hears(*texts: str) -> Check:
    async def check(pilot: Pilot) -> None:
        await hears(pilot, *texts)

    return check


def _is(what: Callable[[object], bool]) -> Check:
    async def check(pilot: Pilot) -> None:
        await until(pilot, lambda: what(pilot.app))

    return check


def _comes_to(*places: str) -> Check:
    return _is(lambda app: app.place in places)


def _has_iters(number: int) -> Check:
    return _is(lambda app: values(app)["iters"] == number)


def _clipboard_begins(text: str) -> Check:
    return _is(lambda app: app.clipboard.startswith(text))


EXPECTED: dict[str, Check] = {
    "start": _sees("This cannot train yet"),
    "stop": _sees("Stop this run?"),
    "mend_run": _hears("The forms hold another file"),
    "report": _sees("The GPU ran out of memory", "Trace"),
    "pause": _sees("▶ pausing at the next micro-batch"),
    "resume": _sees("Resume this run?"),
    "resume_from": _hears("Nothing is saved to go on from"),
    "use_best": _sees("Use the best adapter?"),
    "run_options": _sees("Run options", "Stop early after"),
    "save": _sees("Save train.yaml"),
    "undo": _has_iters(1600),
    "train_screen": _comes_to(TRAIN),
    "forms": _comes_to(*FORMS),
    "go": _is(lambda app: isinstance(app.screen, Go)),
    "find": _sees("Find a parameter"),
    "next_group": _comes_to(FORMS[FORMS.index(FORM) + 1]),
    "review": _comes_to(REVIEW),
    "open": _comes_to(START),
    "presets": _comes_to(PRESETS),
    "data": _comes_to(DATA),
    "row": _sees("Row", "of 800", "n next"),
    "split": _sees("Split train.jsonl (800 rows)"),
    "read_again": _hears("The files are read again"),
    "stop_reading": _hears("Nothing is being read"),
    "use_length": _hears("No other max_seq_length is suggested"),
    "reset": _sees("Set Iterations to"),
    "redo": _has_iters(77),
    "previous_group": _comes_to(FORMS[FORMS.index(FORM) - 1]),
    "log_scale": _is(lambda app: app.screen.query_one(Chart).view.log),
    "step_up": _has_iters(2000),
    "step_down": _has_iters(1000),
    "mend": _sees("Let this be mended"),
    "fit": _hears("There is nothing to fit yet"),
    "probe": _hears("model: "),
    "models": _sees("Models on this computer"),
    "schedule": _sees("Learning rate by iteration"),
    "modules": _hears("rows"),
    "save_as": _sees("Save as"),
    "save_preset": _sees("Name of the preset"),
    "new": _is(lambda app: app.document_name == "new configuration" and app.place == FORMS[0]),
    "editor": _hears("No editor was found"),
    "copy_yaml": _clipboard_begins("# Base model\n"),
    "copy_command": _clipboard_begins("mlx_lm.lora --model"),
    "theme": _sees("Theme", "textual-dark"),
    "runs": _comes_to(RUNS),
    "watch": _is(lambda app: app.place == TRAIN and app.watched is not None),
    "mark": _sees("a ✔ finished"),
    "compare": _hears("Mark two runs or more"),
    "axis": _sees("by trained tokens"),
    "new_from_run": _is(lambda app: app.document_name == "new configuration" and values(app)["iters"] == 400),
    "filter_runs": _sees("words of a name"),
    "export_run": _sees("Export the curve of"),
    "delete_run": _sees("Delete 2", "config.yaml"),
    "queue_add": _sees("This cannot train yet", "Queue it anyway"),
    "queue": _sees("Nothing is queued"),
    "side_panel": _is(lambda app: "▪ Derived" not in screen_text(app)),
    "keys": _sees("Keys", "Train the values shown"),
    "palette": _is(lambda app: isinstance(app.screen, CommandPalette)),
    "quit": _is(lambda app: app._exit),
}

CHANGES = {
    "reset": ["enter"], "mend": ["enter"], "models": ["down", "enter"], "schedule": ["right", "right", "enter"],
}  # fmt: skip
"""Keys that lead from what is expected to a change, for those that ask first."""


async def _edit(pilot: Pilot) -> None:
    pilot.app.session.edit("iters", "77")


async def _edit_and_undo(pilot: Pilot) -> None:
    pilot.app.session.edit("iters", "77")
    pilot.app.session.undo()


async def _read(pilot: Pilot) -> None:
    session = pilot.app.session
    await until(pilot, lambda: session.snapshot.dataset)
    path = pilot.app.start_directory / "rows" / "train.jsonl"
    file = FileFacts(path, 800, "text", size=path.stat().st_size, places=((1, 0),))
    session.known.dataset_learned(session.known.dataset_subject, DatasetFacts(file, None, None))


PREPARED = {"save": _edit, "undo": _edit, "reset": _edit, "redo": _edit_and_undo, "row": _read, "split": _read,
            "stop_reading": _read}  # fmt: skip


# Carrying them out


async def by_key(pilot: Pilot, command: Command) -> None:
    await press(pilot, command.key)


async def by_letter(pilot: Pilot, command: Command) -> None:
    """Where one types, the list of places is a step away, and there letters are commands."""
    if pilot.app.place in (START, *FORMS):
        pilot.app.screen.places.focus()
        await pilot.pause()
    await press(pilot, command.letter)


async def by_palette(pilot: Pilot, command: Command) -> None:
    if command.id == "palette":
        await by_key(pilot, command)
        return
    [found] = [run for title, run in await _found(pilot, command.label) if _is_title_of(title, command)]
    found()
    await pilot.pause()


async def _found(pilot: Pilot, query: str) -> list[tuple[str, Callable]]:
    provider = DeckCommands(pilot.app.screen)
    return [(str(hit.match_display), hit.command) async for hit in provider.search(query)]


def _is_title_of(title: str, command: Command) -> bool:
    return title.partition("  (")[0] == command.label


def _cases() -> list:
    """Every way to every command, in every place that is of a kind of its own.

    Where time is short, one place will do for a key and one for a letter. By the palette it is the same way for all.
    """
    cases = []
    for command in COMMAND_TABLE:
        places = [place for place in AS_GOOD_AS_ALL if place in command.where]
        if command.key:
            cases += [_case(command, place, by_key, place != places[0]) for place in places]
        if command.letter:
            cases += [_case(command, place, by_letter, place != places[-1]) for place in places[-2:]]
        cases.append(_case(command, places[0], by_palette, command.id != "palette"))
    return cases


def _case(command: Command, place: str, way: Callable[[Pilot, Command], Awaitable[None]], slow: bool):
    marks = pytest.mark.slow if slow else ()
    return pytest.param(command, place, way, id=f"{command.id}-{place}-{way.__name__}", marks=marks)


def _edits() -> list:
    elsewhere = ("fit", "modules", "split", "use_length", "mend_run")  # their screens' own tests have them
    edits = [each for each in COMMAND_TABLE if each.edits and each.id not in elsewhere]
    cases = [(each, place) for each in edits for place in AS_GOOD_AS_ALL if place in each.where]
    slow = {case: pytest.mark.slow for case in cases if case[1] != FORM}
    return [pytest.param(*case, id=f"{case[0].id}-{case[1]}", marks=slow.get(case, ())) for case in cases]


def made(folder, monkeypatch, command: Command, place: str):
    """The app in which a command is to be carried out."""
    monkeypatch.setenv("PATH", str(folder))  # no editor
    three_models()
    monkeypatch.setattr("app.ui.actions.running.request_stop", lambda *_: True)  # the trainer is this very process
    runs = {"stop": running, "pause": running, "resume": stopped, "resume_from": stopped, "use_best": stopped}
    runs |= {"report": dead, "mend_run": dead}
    run = runs[command.id](folder) if command.id in runs else None
    if command.where == (RUNS,):
        told_run(folder, story())
    return app_on(folder, TEXT, place=place, run=run)


async def arrived(pilot: Pilot, command: Command, place: str) -> None:
    await ready(pilot)
    await until(pilot, lambda: pilot.app.keys["save"])
    if place in FORMS:
        await at(pilot, "iters")
    elif pilot.app.place != place:
        await pilot.app.go(place)
    if command.where == (RUNS,):
        await until(pilot, lambda: pilot.app.screen.chosen)
    if pilot.app.watched is not None:
        await until(pilot, lambda: pilot.app.watched.reading is not None)
    if command.id in PREPARED:
        await PREPARED[command.id](pilot)
    await pilot.pause()


@pytest.mark.parametrize(("command", "place", "way"), _cases())
async def test_it_does_what_it_says(folder, monkeypatch, command, place, way):
    app = made(folder, monkeypatch, command, place)
    async with app.run_test(size=SIZE) as pilot:
        await arrived(pilot, command, place)
        await way(pilot, command)
        await EXPECTED[command.id](pilot)


@pytest.mark.parametrize(("command", "place"), _edits())
async def test_one_undo_takes_its_change_back(folder, monkeypatch, command, place):
    app = made(folder, monkeypatch, command, place)
    async with app.run_test(size=SIZE) as pilot:
        await arrived(pilot, command, place)
        before = dict(values(app))
        app.action_command(command.id)
        await EXPECTED[command.id](pilot)
        await press(pilot, *CHANGES.get(command.id, []))
        await until(pilot, lambda: dict(values(app)) != before)
        await press(pilot, "ctrl+z")
        await until(pilot, lambda: dict(values(app)) == before)


# Where they are offered


@pytest.mark.parametrize("place", EVERYWHERE)
async def test_it_is_offered_exactly_where_it_says(folder, place):
    app = app_on(folder, TEXT, place=place)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        nothing_to_do = {"undo", "redo", "stop", "pause", "resume", "resume_from", "use_best"}
        nothing_to_do |= {"report", "mend_run"}
        assert offered(app) == {command.id for command in COMMAND_TABLE if place in command.where} - nothing_to_do
        await palette_offers_the_same(pilot)
        await _edit(pilot)
        assert app.works_now("undo") == (place in BY_ID["undo"].where) and not app.works_now("redo")
        app.session.undo()
        assert app.works_now("redo") == (place in BY_ID["redo"].where) and not app.works_now("undo")


@pytest.mark.parametrize("place", [FORM, TRAIN])
async def test_a_run_that_goes_on_can_be_stopped_and_no_other_be_started(folder, place):
    app = app_on(folder, TEXT, run=running(folder))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await app.go(place)
        assert app.works_now("stop") == (place == TRAIN) and not app.works_now("start")


@pytest.mark.parametrize("place", AS_GOOD_AS_ALL)
async def test_a_key_of_what_is_not_offered_changes_nothing(folder, place):
    app = app_on(folder, TEXT, place=place)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        at_hand = {BY_ID[id].key for id in offered(app)}
        before = dict(values(app))
        for command in COMMAND_TABLE:
            if command.key and command.key not in at_hand:
                await press(pilot, command.key)
                assert (app.place, app.screen.is_modal, dict(values(app))) == (place, False, before), command.id


@pytest.mark.parametrize("place", AS_GOOD_AS_ALL)
async def test_the_key_bar_has_what_is_offered_and_room_for_what_matters_most(folder, place):
    for width in (80, 160):
        app = app_on(folder, TEXT, place=place)
        async with app.run_test(size=(width, 24)) as pilot:
            await ready(pilot)
            bar = screen_text(app).splitlines()[-1]
            shown = {command.id for command in app.bar() if f"{key_name(command.key)} {command.label}" in bar}
            assert shown <= offered(app) and {each.id for each in COMMAND_TABLE if each.pinned} <= shown
            if width == 160:
                assert shown == {each.id for each in COMMAND_TABLE if each.bar} & offered(app)


def offered(app) -> set[str]:
    return {command.id for command in COMMAND_TABLE if app.works_now(command.id)}


async def palette_offers_the_same(pilot: Pilot) -> None:
    for command in COMMAND_TABLE:
        titles = [title for title, _ in await _found(pilot, command.label) if _is_title_of(title, command)]
        assert len(titles) == (command.id != "palette" and pilot.app.works_now(command.id)), command.id
        if titles and command.key:
            assert titles[0].endswith(f"({key_name(command.key)})")


# The table itself


def test_every_command_has_an_expectation_and_every_action_a_command():
    assert set(EXPECTED) == set(BY_ID) and len(BY_ID) == len(COMMAND_TABLE)
    assert set(ACTIONS) <= set(BY_ID)


def test_no_two_commands_share_a_key_where_both_are_offered():
    for name in ("key", "letter"):
        for one in COMMAND_TABLE:
            for other in COMMAND_TABLE:
                if one is not other and getattr(one, name) and getattr(one, name) == getattr(other, name):
                    assert not meet(one.id, other.id), (one.id, other.id)


def test_keys_work_in_any_terminal():
    """Control letters but those that a terminal takes for itself, or that are Tab, Enter, Backspace and Escape."""
    unusable = {f"ctrl+{letter}" for letter in "cijmh"}
    for command in COMMAND_TABLE:
        assert not command.key or command.key == "f1" or (command.key.startswith("ctrl+") and len(command.key) == 6)
        assert command.key not in unusable
        assert command.key != "f1" or command.letter, "some terminals keep F1 for themselves"


def test_the_help_names_every_command_with_its_words():
    text = key_help({command.id: command.key or command.letter for command in COMMAND_TABLE}).plain
    for command in COMMAND_TABLE:
        assert command.label in text and command.help in text
