"""The Runs screen on runs that have told their story, on one that goes on, and on none."""

import math

from app.ui.places import FIRST_FORM, RUNS, TRAIN
from app.ui.screens.runs import RunsScreen
from app.wire.events import Ended, Started, Step, encode
from app.wire.files import read_json, write_json
from tests.ui.apps import app_on, click, hears, press, ready, screen_text, sees, story, told, told_run, until, values
from tests.ui.scenes import running, stopped, three_runs

SIZE = (120, 36)
HOSTILE = "[red]o[x]\x1b[31m"
SHOWN = r"[red]o[x]\x1b[31m"


def screen(pilot) -> RunsScreen:
    assert isinstance(pilot.app.screen, RunsScreen), pilot.app.screen
    return pilot.app.screen


async def arrived(pilot) -> RunsScreen:
    await ready(pilot)
    await until(pilot, lambda: screen(pilot).chosen and screen(pilot).chosen.figures)
    return screen(pilot)


async def test_the_newest_stands_first_with_state_losses_time_and_why_it_ended(folder):
    three_runs(folder)
    async with app_on(folder, place=RUNS).run_test(size=(160, 45)) as pilot:
        await arrived(pilot)
        shown = await sees(pilot, "✗ failed", "■ stopped", "✔ finished", "row 7 of [x] has no key 'text'")
        line = next(text for text in shown.splitlines() if "style-r16" in text)
        assert all(word in line for word in ("SmolLM3-3B", "ada", "200/400", "20 s", "640"))
        assert shown.index("letters") < shown.index("style-r16") < shown.index("style-r8")


async def test_marked_runs_are_laid_over_each_other_by_what_one_wants(folder):
    three_runs(folder)
    async with app_on(folder, place=RUNS).run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await sees(pilot, "letters", "by iteration")
        await press(pilot, "down", "space", "down", "space")
        await sees(pilot, "a style-r16", "b style-r8", "a ■ stopped", "b ✔ finished")
        await press(pilot, "a")
        await sees(pilot, "by trained tokens", "b style-r8")
        await press(pilot, "a")
        await sees(pilot, "by time of training", "30 s")
        await press(pilot, "left")
        await sees(pilot, "at the cursor", " B 1.")
        await press(pilot, "up", "space")
        await until(pilot, lambda: "a style-r16" not in screen_text(pilot.app))
        await sees(pilot, "b style-r8"), "a letter stays with its run"
        await press(pilot, "escape")
        await until(pilot, lambda: not screen(pilot).marked)
        await sees(pilot, "● validation")


async def test_typing_narrows_the_list_and_escape_brings_all_back(folder):
    three_runs(folder)
    async with app_on(folder, place=RUNS).run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await press(pilot, "slash", *"style", "space", *"fin")
        await until(pilot, lambda: "letters " not in screen_text(pilot.app))
        assert "style-r8" in screen_text(pilot.app) and "style-r16" not in screen_text(pilot.app)
        await press(pilot, "enter", "w")
        await until(pilot, lambda: pilot.app.place == TRAIN)
        assert pilot.app.watched.folder.id.endswith("style-r8")
        await press(pilot, "h")
        await press(pilot, "escape")
        await sees(pilot, "style-r16")
        await press(pilot, "space", "slash", *"nothing")
        await sees(pilot, "No run has all these words")
        await press(pilot, "escape", "escape")
        await sees(pilot, "a ✔ finished", "run 1 of 3"), "the filter goes, and the marks stay"
        await press(pilot, "escape")
        await until(pilot, lambda: not screen(pilot).marked)


async def test_what_differs_is_shown_and_nothing_else(folder):
    three_runs(folder)
    async with app_on(folder, place=RUNS).run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await press(pilot, "down", "space", "down", "c")
        shown = await sees(pilot, "In what they differ", "lora_parameters.rank", "16", "adapter_path")
        assert "learning_rate" not in shown
        await press(pilot, "escape", "space", "up", "up", "space", "c")
        await sees(pilot, "c 2", "–")


async def test_its_configuration_becomes_a_new_one_and_its_own_file_stays(folder):
    run = three_runs(folder)[0]
    run.config.write_text("# by hand\niters: 77\n")
    async with app_on(folder, place=RUNS).run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await press(pilot, "end", "u")
        await until(pilot, lambda: pilot.app.place == FIRST_FORM)
        assert values(pilot.app)["iters"] == 77 and pilot.app.session.snapshot.path is None
        assert pilot.app.session.rendered().startswith("# by hand")
        facts = read_json(run.manifest)
        write_json(run.manifest, facts | {"start_directory": "/elsewhere"})
        await pilot.app.go(RUNS)
        await press(pilot, "u")
        await sees(pilot, "Unsaved changes")
        await press(pilot, "right", "enter")
        await hears(pilot, "relative paths began in /elsewhere")
        await pilot.app.go(RUNS)
        run.config.write_text("iters: [")
        await press(pilot, "u")
        await sees(pilot, "Unsaved changes")
        await press(pilot, "right", "enter")
        await hears(pilot, "config.yaml")
        assert values(pilot.app)["iters"] == 77 and run.config.read_text() == "iters: ["


async def test_deleting_names_files_and_sizes_and_keeps_unless_told(folder):
    run, *others = three_runs(folder)
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await press(pilot, "end", "x")
        await sees(pilot, f"Delete {run.id}?", "events.jsonl", "kB", "the adapter in style-r8 stays")
        await press(pilot, "enter")
        assert run.path.exists(), "the first answer is the harmless one"
        await press(pilot, "x")
        await press(pilot, "right", "enter")
        await hears(pilot, f"{run.id} is deleted")
        await until(pilot, lambda: "style-r8" not in screen_text(app))
        assert not run.path.exists() and all(other.path.exists() for other in others)


async def test_deleting_says_what_cannot_be_brought_back(folder):
    run = stopped(folder)
    with run.events.open("a") as file:
        file.write(encode(Started(101.0, 1, 400)) + encode(Ended(102.0, "paused", 100)))
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrived(pilot)
        await press(pilot, "x")
        await sees(pilot, f"Delete {run.id}?", "could still be resumed", "best adapter, of iteration 99")


async def test_what_differs_stands_side_by_side_in_the_width_there_is(folder):
    long = "a/very/long/way/to/a/folder/that/is/named/at/last"
    for name in ("one", "two", "three"):
        told_run(folder, story()[:50], data=f"{long}/{name}", adapter_path=f"{long}/{long}/{name}")
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=(160, 45)) as pilot:
        await arrived(pilot)
        await press(pilot, "space", "down", "space", "down", "space", "c")
        shown = await sees(pilot, "In what they differ")
        for key in ("adapter_path", "data"):
            [line] = [text for text in shown.splitlines() if f"│ {key} " in text and "…" in text]
            assert "last/three" in line and "last/two" in line and "last/one" in line


async def test_a_run_that_goes_on_is_followed_and_not_deleted(folder):
    run = running(folder)
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await sees(pilot, "▶ running", "iteration 200 of 400")
        with run.events.open("a") as file:
            file.write(encode(Step(0.0, 201, math.nan, 64, 0.1)))
        await sees(pilot, "iteration 201 of 400")
        await press(pilot, "x")
        await hears(pilot, "still goes on")
        assert not app.screen.is_modal and run.path.exists()


async def test_a_curve_is_exported_and_a_file_that_stands_is_asked_about(folder):
    run = told_run(folder, story())
    (folder / "mine.csv").write_text("mine")
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=SIZE) as pilot:
        await arrived(pilot)
        await press(pilot, "e")
        await sees(pilot, f"{run.id}.csv")
        await press(pilot, "enter")
        await hears(pilot, f"{run.id}.csv: ")
        assert len((folder / f"{run.id}.csv").read_text().splitlines()) == 402
        await press(pilot, "e", "home", "ctrl+k", *"mine.csv", "enter")
        await sees(pilot, "The file exists")
        await press(pilot, "enter")
        assert (folder / "mine.csv").read_text() == "mine"
        await press(pilot, "e", "home", "ctrl+k", *"no/such.csv", "enter")
        await sees(pilot, "directory.", "no/such.csv")  # the sentence may wrap anywhere


async def test_the_mouse_marks_goes_to_a_run_and_opens_it(folder):
    three_runs(folder)
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=SIZE) as pilot:
        shelf = await arrived(pilot)
        await press(pilot, "escape")
        left, top = shelf.query_one("#runs").region.offset
        await click(pilot, left, top + 2)
        await sees(pilot, "a ✔ finished")
        assert shelf.chosen.id.endswith("letters"), "marking moves nothing"
        await click(pilot, left + 20, top + 1)
        await until(pilot, lambda: shelf.chosen.id.endswith("style-r16"))
        assert app.place == RUNS
        await click(pilot, left + 20, top + 1)
        await until(pilot, lambda: app.place == TRAIN)


async def test_without_runs_it_says_how_to_begin_one(folder):
    async with app_on(folder, place=RUNS).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await sees(pilot, "There are no runs in")
        await press(pilot, "space", "w", "u", "x", "e", "c")
        assert "There is no run under the cursor" in told(pilot.app) or "Mark two runs" in told(pilot.app)
        assert pilot.app.place == RUNS and not pilot.app.screen.is_modal


async def test_hostile_names_are_shown_as_they_are(folder):
    events = [*story()[:50], Ended(60.0, "failed", 40, HOSTILE)]
    run = told_run(folder, events, model=f"a/{HOSTILE}", data=HOSTILE, adapter_path=HOSTILE, other=HOSTILE)
    run.path.rename(run.path.with_name(HOSTILE))
    told_run(folder, story())
    app = app_on(folder, place=RUNS)
    async with app.run_test(size=(160, 45)) as pilot:
        await arrived(pilot)
        await press(pilot, "space", "down", "space")
        await sees(pilot, f"✗ {SHOWN}", f"data {SHOWN}")
        await press(pilot, "c")
        await sees(pilot, "In what they differ", "adapter_path", SHOWN)
        assert "\x1b" not in screen_text(app)
        await press(pilot, "escape", "x")
        await sees(pilot, "Delete ", SHOWN)
        assert "\x1b" not in screen_text(app)
        await press(pilot, "right", "enter")
        await until(pilot, lambda: len(screen(pilot)._look.runs) == 1)
