"""However the app is left, the terminal is as it was and the run goes on."""

import os
import signal

import psutil
import pytest

from app.runs.recorded import recorded_trainer
from tests.e2e.job import ENDLESS, iteration_shown, steps
from tests.terminal import CTRL, ESCAPE, open_terminal, workplace  # noqa: F401
from tests.tiny import start, tiny, tiny_config, wait_for  # noqa: F401


@pytest.fixture
def run(workplace, tiny):  # noqa: F811
    workplace.runs_dir.mkdir()
    return start(workplace.runs_dir, tiny_config(tiny, workplace.folder / "adapters", iters=ENDLESS))


def assert_goes_on(run):
    seen = len(steps(run))
    wait_for(lambda: len(steps(run)) > seen + 3)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow)]
)
def test_a_signal_restores_the_terminal_and_leaves_the_run_alone(run, open_terminal, number, code):  # noqa: F811
    deck = open_terminal("attach")
    deck.wait_until(iteration_shown, "the curve", 40)
    deck.process.send_signal(number)
    assert deck.wait_for_exit() == code
    deck.assert_restored()
    assert_goes_on(run)


def test_a_signal_in_the_middle_of_a_question_restores_the_terminal(workplace, open_terminal):  # noqa: F811
    workplace.write("train.yaml", "model: m\ntrain: true\n")
    deck = open_terminal("train.yaml")
    deck.wait_for("model  text")
    deck.send("x")
    deck.wait_for("● edited")
    deck.send(CTRL["q"])
    deck.wait_for("Unsaved changes")
    deck.process.send_signal(signal.SIGTERM)
    assert deck.wait_for_exit() == 143
    deck.assert_restored()
    assert (workplace.folder / "train.yaml").read_text() == "model: m\ntrain: true\n"


def test_a_closed_window_ends_the_app_and_not_the_run(run, open_terminal):  # noqa: F811
    deck = open_terminal("attach")
    deck.wait_until(iteration_shown, "the curve", 40)
    deck.hang_up()
    deck.process.wait(20)
    assert_goes_on(run)


def test_a_killed_app_takes_no_run_along(run, open_terminal):  # noqa: F811
    deck = open_terminal("attach")
    deck.wait_until(iteration_shown, "the curve", 40)
    deck.process.kill()
    deck.process.wait()
    pid = recorded_trainer(run)[0]
    assert psutil.Process(pid).terminal() is None
    assert os.getsid(pid) not in (os.getsid(0), deck.process.pid)
    assert_goes_on(run)


@pytest.mark.slow
def test_two_watch_one_run_and_both_see_it_stop(run, open_terminal):  # noqa: F811
    one, other = open_terminal("attach"), open_terminal("attach", run.id, columns=80, lines=24)
    for deck in (one, other):
        deck.wait_until(iteration_shown, "the curve", 40)
    other.send(CTRL["x"])
    other.wait_for("Stop this run?")
    other.send("\x1b[C\r")
    for deck in (one, other):
        deck.wait_for("■ stopped at iteration", timeout=30)
    last = steps(run)[-1].iteration
    for deck in (one, other):
        deck.wait_until(lambda screen: iteration_shown(screen) == last, f"iteration {last} as the latest")
        deck.send(CTRL["q"])
        assert deck.wait_for_exit() == 0
        deck.assert_restored()


@pytest.mark.slow
def test_stop_may_be_thought_better_of(run, open_terminal):  # noqa: F811
    deck = open_terminal("attach")
    deck.wait_until(iteration_shown, "the curve", 40)
    deck.send(CTRL["x"])
    deck.wait_for("Stop this run?")
    deck.send(ESCAPE)
    deck.wait_until(lambda screen: "Stop this run?" not in screen, "the question gone")
    assert not run.stop.exists()
    assert_goes_on(run)
