"""Leaving when the system says so."""

import asyncio
import contextlib
import os
import signal
import threading

from textual.app import App

PATIENCE = 3.0
"""Seconds from a signal to leave until the process ends in any case."""


def leave_cleanly_on_signals(app: App) -> None:
    """Textual restores the terminal only when it ends by itself; a closed terminal and a kill must, too.

    Python's own handlers, not asyncio's: when a terminal is gone Textual's writer dies, the loop may block on its full
    queue, and only these still run then.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(ValueError):  # not the main thread: a test
            signal.signal(number, lambda number, _: _leave_for(number, app, loop))


def _leave_for(number: int, app: App, loop: asyncio.AbstractEventLoop) -> None:
    loop.call_soon_threadsafe(lambda: app.exit(return_code=128 + number))
    last_resort = threading.Timer(PATIENCE, os._exit, [128 + number])
    last_resort.daemon = True
    last_resort.start()
