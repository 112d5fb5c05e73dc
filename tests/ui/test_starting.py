"""What stands between ^r and a run: errors unless they are overridden, warnings once."""

from tests.tiny import tiny  # noqa: F401
from tests.ui.apps import REFERENCE, app_on, press, ready, screen_text, sees, until
from tests.ui.scenes import running, stopped

SIZE = (140, 44)


def text(tiny, **values):  # noqa: F811
    known = {
        "model": tiny / "model",
        "data": tiny / "data",
        "train": "true",
        "iters": 2,
        "batch_size": 2,
        "num_layers": 2,
        "max_seq_length": 64,
        "learning_rate": "1e-5",
        "lora_parameters": "{rank: 4, scale: 2.0, dropout: 0.0}",
    }
    return "".join(f"{key}: {value}\n" for key, value in (known | values).items())


def runs(folder):
    return list((folder / "runs").glob("*"))


async def test_an_error_is_overridden_by_its_name_alone(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny, num_layers=5))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+r")
        await sees(pilot, "This cannot train yet", "[layers-above-depth]", "Train anyway")
        await press(pilot, "escape")
        assert not runs(folder)
        await press(pilot, "ctrl+r")
        await sees(pilot, "This cannot train yet")
        await pilot.click("#train")
        await until(pilot, lambda: runs(folder) and app.place == "train")
        await until(pilot, lambda: "5" in screen_text(app) and not app.watched.live, 60)


async def test_what_a_start_complains_of_is_mended_from_there(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny, num_layers=5))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+r")
        await sees(pilot, "This cannot train yet")
        await pilot.click("#mend")
        await sees(pilot, "Let this be mended", "num_layers 2")


async def test_a_warning_is_told_once(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny, learning_rate=1))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+r")
        await sees(pilot, "Before it trains", "[rate-high]")
        await press(pilot, "escape")
        assert not runs(folder)
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: runs(folder) and app.place == "train")
        await until(pilot, lambda: not app.watched.live, 60)


async def test_another_run_that_goes_on_is_asked_about(folder):
    other = running(folder)
    app = app_on(folder, REFERENCE.replace("HuggingFaceTB/SmolLM3-3B", "rows"))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+r")
        await sees(pilot, "Another run goes on", other.id, "Queue this one", "Train beside it")
        await press(pilot, "enter")
        assert not app.screen.is_modal, "the first answer is the harmless one"
        for answer, then in (("queue", "Queue it anyway"), ("beside", "Train anyway")):
            await press(pilot, "ctrl+r")
            await sees(pilot, "Another run goes on")
            await pilot.click(f"#{answer}")
            await sees(pilot, "This cannot train yet", then)
            await press(pilot, "escape")


async def test_the_watched_runs_own_adapter_is_named_and_it_may_go_on(folder, tiny):  # noqa: F811
    run = stopped(folder)
    (folder / "tuned").mkdir()
    (folder / "tuned" / "adapters.safetensors").write_bytes(b"its own")
    app = app_on(folder, text(tiny, adapter_path="tuned"), run=run)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.watched.can_be_resumed)
        await press(pilot, "ctrl+r")
        await sees(pilot, "The adapter of this very run stands here", "stopped at iteration 100", "Overwrite it")
        await pilot.click("#resume")
        await sees(pilot, "Resume this run?")
