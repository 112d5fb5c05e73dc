"""The tracer's process, seen from the app: it may die or hang, and the next trace has another."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from app.memory import tracing
from app.memory.tracing import Tracer, Untraceable
from tests.memory.jobs import job

ASKED = job(width=33).request(job(width=33).point)
DIES = """
import os, signal
from app.memory.tracing import Tracer
from tests.memory.test_tracing import ASKED

tracer = Tracer()
tracer.trace(ASKED)
print(tracer._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def own() -> Iterator[Tracer]:
    """One that may be harmed."""
    tracer = Tracer()
    yield tracer
    tracer.close()


def process_of(tracer: Tracer) -> psutil.Process:
    assert tracer._process
    return psutil.Process(tracer._process.pid)


def test_it_answers_and_goes_on_after_what_it_cannot_trace(own):
    phases = [tape.phase for tape in own.trace(ASKED)]
    assert sorted(phases) == ["update", "validate"]
    process = process_of(own)
    broken = job("no such architecture")
    with pytest.raises(Untraceable, match="no such architecture"):
        own.trace(broken.request(broken.point))
    assert [tape.phase for tape in own.trace(ASKED)] == phases
    assert process_of(own) == process


def test_one_that_is_killed_in_a_request_says_so_and_is_replaced(own):
    own.trace(ASKED)
    process = process_of(own)
    process.suspend()  # so that the request is under way when it is killed
    threading.Timer(0.3, process.kill).start()
    with pytest.raises(Untraceable, match="ended while"):
        own.trace(ASKED)
    assert len(own.trace(ASKED)) == 2
    assert process_of(own) != process


def test_one_that_died_between_requests_is_not_missed(own):
    own.trace(ASKED)
    process = process_of(own)
    process.kill()
    process.wait()
    assert len(own.trace(ASKED)) == 2


def test_one_that_hangs_is_killed(own, monkeypatch):
    own.trace(ASKED)
    process = process_of(own)
    process.suspend()
    monkeypatch.setattr(tracing, "PATIENCE", 0.5)
    began = time.monotonic()
    with pytest.raises(Untraceable, match="ended while"):
        own.trace(ASKED)
    assert 0.5 <= time.monotonic() - began < 20
    assert not process.is_running()
    monkeypatch.undo()
    assert len(own.trace(ASKED)) == 2


def test_closing_ends_its_process_for_good(own):
    own.trace(ASKED)
    process = process_of(own)
    own.close()
    assert not process.is_running()
    own.close()


def test_it_leaves_with_whoever_asked():
    """Its input ends with the process that holds the other end."""
    told = subprocess.run([sys.executable, "-c", DIES], stdout=subprocess.PIPE, text=True, check=False)
    assert told.returncode == -signal.SIGKILL
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(told.stdout)).wait(timeout=20)
