"""The README's pictures, made by the app itself: `make pictures`."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from app.cli.demo import begin_demo
from app.runs.demo import prepare_demo
from app.runs.listing import summarize
from app.runs.stop import request_stop
from app.session.store import Session
from app.session.watch import Watch
from app.ui.app import TunedeckApp

DOCS = Path(__file__).parents[1] / "docs"
SIZE = (120, 36)
TRAINED = 60.0
"""Seconds of training before the picture, so that it shows a curve rather than a beginning."""


async def pictures() -> None:
    demo = prepare_demo()
    os.chdir(demo.parent)
    with tempfile.TemporaryDirectory() as scratch:
        folder = begin_demo(demo, Path(scratch))
        deadline = time.monotonic() + TRAINED
        while time.monotonic() < deadline and summarize(folder).alive:
            await asyncio.sleep(0.5)
        await _picture("train.svg", demo, Watch(folder), "train")
        await _picture("form.svg", demo, None, "lora")
        request_stop(folder)


async def _picture(name: str, file: Path, watch: Watch | None, mode: str) -> None:
    session = Session()
    session.open(Path(file.name))
    app = TunedeckApp(session, Path("runs"), watch)
    async with app.run_test(size=SIZE) as pilot:
        await app.go(mode)
        await pilot.pause(2.0)
        app.save_screenshot(str(DOCS / name))


if __name__ == "__main__":
    asyncio.run(pictures())
