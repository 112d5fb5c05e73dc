"""Apps for pilot tests: on a YAML text, and on a run that has already told its story."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.processes import ProcessMemory
from app.machine.state import MachineState
from app.runs.folder import create_run
from app.session.opening import Opened
from app.session.settings import load_settings
from app.session.store import Session
from app.session.watch import Watch
from app.ui.app import TunedeckApp
from app.ui.places import FIRST_FORM
from app.ui.row import Row
from app.wire.events import (
    Checkpoint,
    Ended,
    Event,
    Model,
    Note,
    Phase,
    Report,
    Started,
    Step,
    Validation,
    encode,
)  # fmt: skip
from app.wire.files import write_json
from app.wire.run_folder import RunFolder

REFERENCE = """\
# Base model
model: HuggingFaceTB/SmolLM3-3B
train: true
data: rows
fine_tune_type: lora
optimizer: adamw

# LoRA configuration
num_layers: 12
lora_rank: 8
lora_alpha: 8
lora_dropout: 0.1
use_dora: false
learning_rate: 1e-5
batch_size: 1
iters: 1600
max_seq_length: 800
grad_accumulation_steps: 16
grad_checkpoint: true
steps_per_eval: 50
steps_per_report: 50
save_every: 500
adapter_path: models/SmolLM3-3B_run5
seed: 42
"""

MEMORY = SystemMemory(total=16 * 2**30, available=6 * 10**9, used=10 * 10**9, swap_used=0)
MACHINE = MachineState(
    MEMORY,
    Pressure.NORMAL,
    (ProcessMemory(501, "Safari", 1_900_000_000, 7), ProcessMemory(502, "Mail", 400_000_000)),
    GpuCeiling(11_840_000_000, CeilingSource.METAL),
)
"""A Mac of 16 GB."""

LABEL = 20
"""Cells of a form before its values."""
PATIENCE = 10.0
"""Seconds that a test waits for what must come about."""


def app_on(
    folder: Path,
    text: str | None = REFERENCE,
    run: RunFolder | None = None,
    place: str = FIRST_FORM,
    state: Path | None = None,
    theme: str = "textual-dark",
) -> TunedeckApp:
    """An app on `train.yaml` in `folder`, as if started there; on no file where `text` is None.

    `state` is the folder where it keeps settings and recent files; without one it keeps nothing.
    """
    (folder / "rows").mkdir(exist_ok=True)
    (folder / "rows" / "train.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(800)))
    file = None if text is None else Path("train.yaml")
    if file is not None:
        (folder / file).write_text(text)

    def opening() -> Opened:
        session = Session()
        if file is not None:
            session.open(file)
        return Opened(session, Watch(run) if run else None)

    app = TunedeckApp(opening, folder / "runs", file, place, theme)
    if state is not None:
        app.keep_in(state, load_settings(state))
    return app


async def until(pilot: Pilot, what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer, once the screen has taken it in; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"it did not come about:\n{screen_text(pilot.app)}"
        await pilot.pause(0.01)
    await pilot.pause()
    return answer


async def ready(pilot: Pilot) -> TunedeckApp:
    """The app once what it opens is there, the machine has been looked at, and the place is shown."""
    app = pilot.app
    await until(pilot, lambda: app.session is not None and app.session.snapshot.machine is not None)
    await idle(pilot)
    return app


async def facts(pilot: Pilot) -> None:
    """Waits until data, model and memory are known, or known not to be known."""
    snapshot = lambda: pilot.app.session.snapshot  # noqa: E731
    await until(pilot, lambda: snapshot().rows and snapshot().model and not _busy(pilot.app, {"rows", "model"}))
    await until(pilot, lambda: snapshot().dataset is not None or not pilot.app.session.known.dataset_subject)
    await until(pilot, lambda: snapshot().lengths is not None or not pilot.app.session.known.lengths_subject)
    await until(pilot, lambda: snapshot().memory.job is None or snapshot().memory.is_exact)


async def idle(pilot: Pilot) -> None:
    """Waits until no command and no reading of the disk is under way, or all that is left of them asks something."""
    for _ in range(3):  # a key becomes a message, the message climbs to the screen, and there a command begins
        await pilot.pause()
    await until(pilot, lambda: pilot.app.screen.is_modal or not _busy(pilot.app, _COMMANDS))


_COMMANDS = {"opening", "commands", "review", "presets", "recent", "runs"}


def _busy(app: TunedeckApp, groups: set[str]) -> bool:
    return any(worker.group in groups for worker in app.workers if not worker.is_finished)


async def sees(pilot: Pilot, *texts: str) -> str:
    """What stands on the screen, once all these texts do."""
    await until(pilot, lambda: all(text in screen_text(pilot.app) for text in texts))
    return screen_text(pilot.app)


async def hears(pilot: Pilot, *texts: str) -> None:
    """Waits until all these texts have been said in notifications, which `run_test` does not show."""
    await until(pilot, lambda: all(text in told(pilot.app) for text in texts))


async def press(pilot: Pilot, *keys: str) -> None:
    """Presses keys and waits for what they set going."""
    await pilot.press(*keys)
    await idle(pilot)


async def click(pilot: Pilot, x: int, y: int) -> None:
    """A click on a cell of the screen, which goes to the widget that stands there, as in a terminal."""
    widget, region = pilot.app.screen.get_widget_at(x, y)
    await pilot.click(widget, offset=(x - region.x, y - region.y))
    await idle(pilot)


async def at(pilot: Pilot, key: str) -> None:
    """Puts the cursor on a field, wherever it is."""
    await pilot.app.go_to_field(key)
    await pilot.pause()


def screen_text(app: TunedeckApp) -> str:
    """What stands on the screen, line by line, dialogs included."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


def row(app: TunedeckApp, key: str) -> Row:
    """A field of the form that is shown."""
    return next(row for row in app.screen.form.rows if row.key == key)


def under_cursor(app: TunedeckApp) -> tuple[str, str]:
    """The field that takes the keys, and the text in its editor."""
    form = app.screen.form
    assert form.has_cursor
    return form.row.key, form._read()


def place_of(app: TunedeckApp, key: str) -> tuple[int, int]:
    """Where on the screen the value of a field begins."""
    label, left = row(app, key).label, app.screen.form.region.x
    lines = screen_text(app).splitlines()
    y = next(y for y, line in enumerate(lines) if y and line[left : left + LABEL].strip() == label)
    return left + LABEL, y


def values(app: TunedeckApp) -> Mapping[str, Any]:
    return app.session.snapshot.config.values


def told(app: TunedeckApp) -> str:
    """All that the app has said in a notification."""
    return "\n".join(note.message for note in app._notifications)


def told_run(folder: Path, events: list[Event], **changes: Any) -> RunFolder:
    """A run folder as a trainer that has gone leaves it."""
    config = {"model": "m", "train": True, "iters": 400, "adapter_path": "tuned"} | changes
    run = create_run(folder / "runs", config, b"iters: 400\n", None, folder)
    run.events.write_text("".join(map(encode, events)))
    run.log.write_text("loading\n\x1b[2Jiteration 400: done [red]not markup[/x]\n")
    write_json(run.trainer, {"pid": 2**22 + 1, "identity": "gone"})
    write_json(run.exit, {"code": 0, "signal": None})
    return run


def story(iters: int = 400, spoiled: int | None = None, above: float = 0.0) -> list[Event]:
    """A run of `iters` iterations whose loss falls, deterministic; at `spoiled` it is not a number once.

    Its losses are `above` those of other stories.
    """
    events: list[Event] = [Started(0.0, 1, iters), Phase(0.5, "load"), Model(1.0, 10**6, 10**4, 800, 40)]
    events.append(Phase(1.0, "train"))
    for at in range(1, iters + 1):
        loss = 1.2 + above + 3.5 * math.exp(-at / 90) + 0.25 * math.sin(at * 1.7) * math.cos(at * 0.31)
        if at == 1 or at % 50 == 0:
            events.append(Validation(float(at), at - 1, 1.5 + above + 3.0 * math.exp(-at / 110), 0.5))
        events.append(Step(float(at), at, math.nan if at == spoiled else loss, 64, 0.1))
        if at % 10 == 0:
            events.append(Report(float(at), at, loss, 1e-5, 9.5, 608.0, at * 64, 1_200_000_000))
        if at % 100 == 0:
            events.append(Checkpoint(float(at), at, f"tuned/{at:07d}_adapters.safetensors"))
    return [*events, Note(1.0, "warning", "2 rows are [cut]"), Ended(float(iters), "finished", iters)]
