"""kill -9 of the screen 50 times during a run: the run does not notice, and each new screen has the whole curve.

`python -m bench storm_screens`, some four minutes.
"""

import os
import tempfile
import time
from pathlib import Path

from app.runs.folder import create_run
from app.runs.follow import EventReader
from app.runs.launch import launch
from app.runs.listing import summarize
from app.wire.events import Step, Validation
from app.wire.run_folder import RunFolder
from bench.row import Row
from bench.tiny import tiny_folder, tiny_training
from tests.e2e.job import iteration_shown, readout
from tests.terminal import HOME, Terminal

KILLS, ITERS = 50, 12_000


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        tiny = tiny_folder(place / "tiny")
        watched, alone = (_start(place, tiny, name) for name in ("watched", "alone"))
        whole = sum(_watch_and_kill(watched, place) for _ in range(KILLS))
        survived = summarize(watched).alive
        for each in (watched, alone):
            while not each.exit.exists():
                time.sleep(0.5)
        equal = _losses(watched) == _losses(alone)
    return [
        Row(
            f"storm: the screen killed {KILLS} times while it watched a run",
            "equal" if equal and survived and whole == KILLS else "DIFFERENT",
            f"{whole} of {KILLS} screens had the curve from its first iteration to its latest; losses of {ITERS:,} "
            f"iterations {'equal' if equal else 'differ from'} those of a run that nobody watched",
        )
    ]


def _start(place: Path, tiny: Path, name: str) -> RunFolder:
    config = tiny_training(tiny) | {"iters": ITERS, "adapter_path": str(place / name)}
    run = create_run(place / "runs", config, b"train: true\n", None, place)
    launch(run)
    return run


def _watch_and_kill(run: RunFolder, place: Path) -> bool:
    """Whether the screen showed the first iteration's loss, and one as late as when it was opened."""
    latest = max((event.iteration for event in _steps(run)), default=0)
    home = {name: str(place / name.lower()) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    environment = os.environ | home | {"TERM": "xterm-256color", "HF_HUB_OFFLINE": "1"}
    screen = Terminal(["-m", "app", "attach", run.id, "--runs-dir", str(place / "runs")], place, environment)
    try:
        screen.wait_until(lambda text: iteration_shown(text) >= max(1, latest), f"iteration {latest}", 60)
        screen.send(HOME)
        shown = screen.wait_for("at the cursor")
        return readout(shown) == (1, f"{_steps(run)[0].loss:.3f}")
    finally:
        screen.process.kill()
        screen.process.wait()
        screen.close()


def _steps(run: RunFolder) -> list[Step]:
    return [event for event in EventReader(run.events).read_new(limit=10**9) if isinstance(event, Step)]


def _losses(run: RunFolder) -> list[tuple[int, float]]:
    told = EventReader(run.events).read_new(limit=10**9)
    return [(event.iteration, event.loss) for event in told if isinstance(event, Step | Validation)]
