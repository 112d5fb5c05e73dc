"""The helper's process on a real tiny model: it answers, is replaced when it has died, and leaves nothing behind."""

import json
import time
from queue import SimpleQueue

import psutil
import pytest

from app.memory.calibration import Calibration
from app.memory.environment import environment
from app.memory.estimates import Estimates
from app.memory.family import Point
from app.memory.helper import DIED, Helper
from app.memory.helper_lines import Answer, decode_answer, encode_answer, encode_job, job_of_line
from app.memory.job import Job
from tests.tiny import tiny, tiny_config  # noqa: F401

PATIENCE = 60.0


def job(tiny, width=65, batch=2, **changes):  # noqa: F811
    model_config = json.loads((tiny / "model" / "config.json").read_text())
    config = tiny_config(tiny, "unused", batch_size=batch, **changes)
    return Job(tiny / "model", True, model_config, config, Point(batch, width), False, "tiny", Point(batch, 33))


@pytest.fixture
def heard(tmp_path):
    """A helper and what it says."""
    answers: SimpleQueue[Answer] = SimpleQueue()
    helper = Helper(tmp_path / "traces", str(environment()), answers.put)
    helper.answers = answers
    yield helper
    helper.close()


def until(answers, what):
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = answers.get(timeout=max(0.1, deadline - time.monotonic()))
        if what(answer):
            return answer


def test_what_is_asked_and_answered_comes_back_whole(tiny):  # noqa: F811
    asked = job(tiny)
    assert job_of_line(json.loads(encode_job(asked))) == asked
    assert decode_answer(encode_answer(Answer("s", problem="why"))) == Answer("s", problem="why")


def test_a_peak_comes_first_then_curves_which_estimates_can_use(tiny, heard):  # noqa: F811
    asked = job(tiny)
    heard.ask(asked)
    first = heard.answers.get(timeout=PATIENCE)
    assert first.traced is not None and not first.traced.curves
    last = until(heard.answers, lambda answer: answer.traced and answer.traced.curves)
    estimates = Estimates(environment(), Calibration(), None)
    estimates.learn(last.traced)
    assert estimates.known(asked).peak_bytes > 0
    assert estimates.known(job(tiny, width=97, batch=3)).peak_bytes > estimates.known(asked).peak_bytes


def test_a_second_ask_is_answered_from_disk_by_another_helper(tiny, heard, tmp_path):  # noqa: F811
    heard.ask(job(tiny))
    until(heard.answers, lambda answer: answer.traced and answer.traced.curves)
    time.sleep(0.5)  # kept right behind the answer
    heard.close()
    heard.ask(job(tiny))
    assert heard.answers.get(timeout=PATIENCE).traced.curves


def test_one_that_is_killed_is_told_of_and_the_next_ask_starts_another(tiny, heard):  # noqa: F811
    heard.ask(job(tiny))
    heard._process.kill()
    told = until(heard.answers, lambda answer: answer.problem)
    assert told.problem == DIED
    heard.ask(job(tiny, num_layers=1))
    assert until(heard.answers, lambda answer: answer.traced).traced.peak.bytes > 0


def test_a_broken_training_is_an_answer(tiny, heard):  # noqa: F811
    heard.ask(job(tiny, optimizer_config={"adam": {"no_such_setting": 1}}))
    assert "no_such_setting" in until(heard.answers, lambda answer: answer.problem).problem


def test_closing_it_ends_its_tracer_too(tiny, heard):  # noqa: F811
    heard.ask(job(tiny))
    heard.answers.get(timeout=PATIENCE)
    below = psutil.Process(heard._process.pid).children(recursive=True)
    assert below
    heard.close()
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive
    time.sleep(0.5)
    told = []
    while not heard.answers.empty():
        told.append(heard.answers.get())
    assert not any(answer.problem for answer in told)  # a close is no death
