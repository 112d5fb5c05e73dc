"""What the app can look like, by name: for the pictures, and for whatever must hold in every one of them."""

import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

from textual.pilot import Pilot

from app.data.dataset import DatasetFacts, Duplicates, FileFacts, OddRow
from app.data.lengths import Lengths, SetLengths
from app.data.row_view import RowView, Token
from app.session.state_file import update_state
from app.ui.actions.files import AskText
from app.ui.app import TunedeckApp
from app.ui.places import DATA, FIRST_FORM, PRESETS, REVIEW, RUNS, START, TRAIN
from app.wire.events import Best, Ended, encode
from app.wire.files import write_json
from app.wire.process import identity
from app.wire.pulse import Pulse
from app.wire.run_folder import RunFolder
from tests.ui.apps import REFERENCE, app_on, facts, idle, press, ready, screen_text, story, told_run, until
from tests.ui.models import knows_modules, three_models

WRONG = REFERENCE.replace("adapter_path", 'lora_rnk: 4\nsave_evry: "500"\nadapter_path').replace("seed: 42", "seed: x")
RECENT = (("style.yaml", 30), ("old.yaml", 3 * 3600 + 60), ("letters.yaml", 2 * 86400 + 60))
"""Names, and seconds since they were opened; the second is gone."""

Steps = Callable[[Pilot], Awaitable[None]]


class Scene:
    """`make` gives the app, in a folder, and `steps` lead to the picture once it is ready."""

    def __init__(self, make: Callable[[Path], TunedeckApp], steps: Steps | None = None):
        self.make, self._steps = make, steps

    async def play(self, pilot: Pilot) -> None:
        await ready(pilot)
        await facts(pilot)
        if self._steps is not None:
            await self._steps(pilot)
        await idle(pilot)


def _on(place: str, text: str | None = REFERENCE) -> Callable[[Path], TunedeckApp]:
    def make(folder: Path) -> TunedeckApp:
        three_models()
        return app_on(folder, text, place=place)

    return make


def _with_recent_files(folder: Path) -> TunedeckApp:
    state = folder.parent / "kept"
    entries = [{"path": f"/home/ada/tuning/{name}", "opened": time.time() - ago} for name, ago in RECENT]
    update_state(state / "recent.json", lambda _: {"files": entries})
    return app_on(folder, None, place=START, state=state)


def _told(folder: Path) -> TunedeckApp:
    return app_on(folder, run=told_run(folder, story(spoiled=120)))


def _running(folder: Path) -> TunedeckApp:
    return app_on(folder, run=running(folder))


def running(folder: Path) -> RunFolder:
    """A run in its 200th of 400 iterations, whose trainer is this very process: do not stop it."""
    events = story()
    run = told_run(folder, events[: len(events) // 2])
    run.exit.unlink()
    write_json(run.trainer, {"pid": os.getpid(), "identity": identity(os.getpid())})
    return run


def _dead(folder: Path) -> TunedeckApp:
    return app_on(folder, run=dead(folder))


def dead(folder: Path) -> RunFolder:
    """A run that Metal ended for want of memory, in its 262nd of 400 iterations."""
    run = told_run(folder, story()[:300])
    abort = (
        "libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution "
    )
    run.log.write_text(
        abort + "failed: [red]Insufficient Memory\x1b[2J (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)\n"
    )
    pulse = Pulse(60.0, 11 * 10**9, 12 * 10**9, 16 * 2**30, 5 * 10**8, 3 * 10**9)
    write_json(run.exit, {"code": None, "signal": 6, "pulse": asdict(pulse), "oom_kills": None})
    return run


def stopped(folder: Path) -> RunFolder:
    """A run that was stopped in its 100th of 400 iterations and has kept its best adapter, but no state."""
    events = [event for event in story() if event.time <= 100]
    run = told_run(folder, events)
    best = run.best / "0000099"
    best.mkdir(parents=True)
    (best / "adapters.safetensors").write_bytes(b"the best")
    with run.events.open("a") as file:
        file.write(encode(Best(99.5, 99, 1.6, str(best))) + encode(Ended(100.5, "stopped", 100)))
    return run


def _keys(*keys: str) -> Steps:
    async def steps(pilot: Pilot) -> None:
        await press(pilot, *keys)

    return steps


def _at_field(key: str, *keys: str) -> Steps:
    async def steps(pilot: Pilot) -> None:
        await pilot.app.go_to_field(key)
        await press(pilot, *keys)

    return steps


def _command(id: str, *keys: str) -> Steps:
    async def steps(pilot: Pilot) -> None:
        pilot.app.action_command(id)
        await until(pilot, lambda: pilot.app.screen.is_modal)
        await press(pilot, *keys)

    return steps


async def _modules(pilot: Pilot) -> None:
    knows_modules(pilot.app)
    pilot.app.session.edit("lora_parameters.keys", "self_attn.q_proj, v_proj")
    await idle(pilot)
    await facts(pilot)  # else the key bar behind the dialog changes when they come
    await _command("modules", "down", "space")(pilot)


async def _edit_and_err(pilot: Pilot) -> None:
    await pilot.app.go_to_field("batch_size")
    await press(pilot, "x")
    pilot.app.session.edit("lora_parameters.rank", "16")


async def _apply_one_preset(pilot: Pilot) -> None:
    await press(pilot, "enter", "down", "down")
    pilot.app.clear_notifications()


async def _review_changed(pilot: Pilot, steps: int) -> None:
    pilot.app.session.edit("iters", "400")
    await press(pilot, *["right"] * steps)


def _view(steps: int) -> Steps:
    return lambda pilot: _review_changed(pilot, steps)


async def _nonsense(pilot: Pilot) -> None:
    pilot.app.open_path("/nowhere/train.yaml")
    await idle(pilot)


async def _toasts(pilot: Pilot) -> None:
    for severity in ("information", "warning", "error"):
        pilot.app.tell(f"This is said as {severity}.", severity)


async def _complaint(pilot: Pilot) -> None:
    await pilot.app.push_screen(AskText("The folder with train.jsonl", "row", "row has no train.jsonl.", is_path=True))


async def _back_in_the_list(pilot: Pilot) -> None:
    await press(pilot, "shift+tab")


async def _curve_cursor(pilot: Pilot) -> None:
    await until(pilot, lambda: pilot.app.watched.reading is not None)
    await press(pilot, "left", "left")


async def _curve(pilot: Pilot) -> None:
    await until(pilot, lambda: pilot.app.watched.reading is not None)


async def _report(pilot: Pilot) -> None:
    await _curve(pilot)
    await press(pilot, "i")


_LENGTHS = tuple((at * 32, 40 + 3 * at * at if at < 12 else max(2, 900 - 40 * at)) for at in range(1, 30))
_ODD = (
    OddRow(7, "not-json", "it is no JSON: Expecting value at character 12"),
    OddRow(40, "empty-completion", "the assistant's last message in it is empty"),
)
_FILES = DatasetFacts(
    FileFacts(Path("rows/train.jsonl"), 6400, "chat", odd_count=2, odd=_ODD, duplicates=Duplicates(1, ((90, 12),)),
              size=7_140_000, conversations=12),
    FileFacts(Path("rows/valid.jsonl"), 320, "chat", size=356_000),
    None,
    valid_in_train=Duplicates(1, ((3, 18),)),
)  # fmt: skip
_ROW = RowView(
    40,
    "{}",
    tuple(
        Token(text, at, is_special=text.startswith("<|"), is_trained=4 <= at < 13, is_cut=at >= 13)
        for at, text in enumerate(
            ["<|user|>", "How", " deep?", "<|assistant|>", "Nine", " fath", "oms", ",", " sir", ".\n", "Mind", " the",
             " [bold]", " \x1b[31m", "bar", ".", "<|end|>"]
        )
    ),
    17,
    4,
)  # fmt: skip


async def _data(pilot: Pilot) -> None:
    session = pilot.app.session
    await until(pilot, lambda: session.snapshot.dataset)
    session.known.dataset_learned(session.known.dataset_subject, _FILES)
    train = SetLengths(_LENGTHS, last=(96,) * 255)
    session.known.lengths_learned(
        session.known.lengths_subject, Lengths(train, SetLengths(((64, 320),), last=(64,) * 255))
    )
    await press(pilot, "down")


async def _split(pilot: Pilot) -> None:
    session = pilot.app.session
    session.known.dataset_learned(session.known.dataset_subject, DatasetFacts(_FILES.train, None, None))
    await _command("split")(pilot)


class _Told:
    """In place of an engine process."""

    def view(self, *_) -> RowView:
        return _ROW


async def _row(pilot: Pilot) -> None:
    from app.ui.screens.row import RowScreen

    await _data(pilot)
    pilot.app.push_screen(RowScreen(_Told(), _FILES, {}, "train", 40))  # type: ignore[arg-type]
    await until(pilot, lambda: "trained ┃" in screen_text(pilot.app))


def three_runs(folder: Path) -> list[RunFolder]:
    """Of one model: finished, stopped halfway and failed; the newest is the first to be listed."""
    half, torn = story(200, above=0.4)[:-1], story(40, above=1.0)[:-1]
    stopped = Ended(200.0, "stopped", 200)
    failed = Ended(40.0, "failed", 40, "row 7 of [x] has no key 'text'")
    of = {"model": "HuggingFaceTB/SmolLM3-3B", "data": "letters/ada", "learning_rate": 1e-5}
    return [
        told_run(folder, story(), adapter_path="style-r8", lora_parameters={"rank": 8}, **of),
        told_run(folder, [*half, stopped], adapter_path="style-r16", lora_parameters={"rank": 16}, **of),
        told_run(folder, [*torn, failed], adapter_path="letters", **of),
    ]


def _runs(folder: Path) -> TunedeckApp:
    three_runs(folder)
    return app_on(folder, place=RUNS)


async def _mark_runs(pilot: Pilot) -> None:
    await until(pilot, lambda: "style-r8" in screen_text(pilot.app))
    await press(pilot, "space", "down", "space", "down", "space")
    await until(pilot, lambda: " C 1." in screen_text(pilot.app))  # what is read of the third


SCENES = {
    "start": Scene(_with_recent_files),
    "start-complains": Scene(_on(START), _nonsense),
    "core": Scene(_on(FIRST_FORM)),
    "lora": Scene(_on("lora")),
    "hyperparameters": Scene(_on("hyperparameters")),
    "choice": Scene(_on(FIRST_FORM), _at_field("optimizer", "right")),
    "structure": Scene(_on(FIRST_FORM), _at_field("lr_schedule", *"name: c", "enter", *"arguments: [1]")),
    "edits-and-errors": Scene(_on(FIRST_FORM, WRONG), _edit_and_err),
    "list-of-places": Scene(_on(FIRST_FORM, WRONG), _back_in_the_list),
    "presets": Scene(_on(PRESETS), _apply_one_preset),
    "data": Scene(_on(DATA, REFERENCE.replace("batch_size: 1", "batch_size: 3")), _data),
    "row": Scene(_on(DATA), _row),
    "split": Scene(_on(DATA), _split),
    "findings": Scene(_on(REVIEW, WRONG), _view(0)),
    "yaml": Scene(_on(REVIEW), _view(1)),
    "values": Scene(_on(REVIEW), _view(2)),
    "command": Scene(_on(REVIEW), _view(3)),
    "train": Scene(_told, _curve_cursor),
    "died": Scene(_dead, _curve),
    "report": Scene(_dead, _report),
    "running": Scene(_running, _curve),
    "no-run": Scene(_on(TRAIN)),
    "runs": Scene(_runs, _mark_runs),
    "find": Scene(_on(FIRST_FORM), _command("find", *"rate")),
    "models": Scene(_on(FIRST_FORM), _command("models", "down", "down")),
    "schedule": Scene(_on(FIRST_FORM), _command("schedule", "right", "right", "down", "down")),
    "modules": Scene(_on(FIRST_FORM), _modules),
    "save": Scene(_on(FIRST_FORM), _at_field("iters", *"400", "ctrl+s")),
    "mend": Scene(_on(FIRST_FORM, WRONG), _command("mend")),
    "jump": Scene(_on("lora"), _keys("ctrl+g")),
    "help": Scene(_on("lora"), _keys("f1")),
    "palette": Scene(_on(FIRST_FORM), _keys("ctrl+p", *"sa")),
    "themes": Scene(_on(FIRST_FORM), _command("theme")),
    "complaint": Scene(_on(FIRST_FORM), _complaint),
    "toasts": Scene(_on(FIRST_FORM), _toasts),
}
