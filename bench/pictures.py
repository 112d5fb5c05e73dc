"""The README's pictures, made by the app itself: `make pictures`."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from app.runs.demo import prepare_demo
from app.runs.listing import summarize
from app.runs.stop import request_stop
from app.session.demo import begin_demo
from app.session.opening import Opened
from app.session.store import Session
from app.session.watch import Watch
from app.ui.app import TunedeckApp
from app.wire.run_folder import RunFolder

DOCS = Path(__file__).parents[1] / "docs"
SIZE = (120, 36)
TRAINED = 35.0
"""Seconds of training before the picture, so that it shows a curve rather than a beginning."""

SCREENS = (
    ("start", "start", ()),
    ("form", "lora", ("down", "down")),
    ("schedule", "hyperparameters", ("down", "enter", "right", "right", "down")),
    ("presets", "presets", ("down",)),
    ("data", "data", ()),
    ("review", "review", ("right",)),
    ("train", "train", ()),
    ("runs", "runs", ("space",)),
)
"""Name of the picture, place, and keys pressed there."""
LEARNED = {"data": 15.0}
"""Seconds until a place has what it shows, where that is longer than usual: the demo's tokens are counted."""


async def pictures() -> None:
    demo = prepare_demo()
    os.chdir(demo.parent)
    with tempfile.TemporaryDirectory() as scratch:
        run = begin_demo(demo, Path(scratch))
        deadline = time.monotonic() + TRAINED
        while time.monotonic() < deadline and summarize(run).alive:
            await asyncio.sleep(0.5)
        for name, place, keys in SCREENS:
            await _picture(name, Path(demo.name), run, Path(scratch), place, keys)
        request_stop(run)


async def _picture(name: str, file: Path, run: RunFolder, scratch: Path, place: str, keys: tuple[str, ...]) -> None:
    def opening() -> Opened:
        session = Session()
        if place != "start":
            session.open(file)
        return Opened(session, Watch(run) if place == "train" else None)

    app = TunedeckApp(opening, scratch, file if place != "start" else None, place)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(LEARNED.get(place, 2.5))
        for key in keys:
            await pilot.press(key)
            await pilot.pause(1.0)  # an editor may be on its way
        app.save_screenshot(str(DOCS / f"{name}.svg"))


if __name__ == "__main__":
    asyncio.run(pictures())
