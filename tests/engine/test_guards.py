"""What a run does besides mlx-lm's training: the best adapter, early stopping, kept checkpoints, and its guards."""

import os
import signal
import subprocess
import sys
import time

import pytest

from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.shortage import Shortage, shortage
from app.runs.best import best_adapter, use_best
from app.runs.folder import RunError, create_run
from app.runs.history import History
from app.runs.launch import launch
from app.runs.listing import summarize
from app.wire.events import Best, Ended, Note, Step, Tested, Validation
from app.wire.files import read_json
from app.wire.pulse import pulse_from
from app.wire.run_options import RunOptions
from tests.tiny import events, start, tiny, tiny_config, wait_for, wait_for_end  # noqa: F401

OFTEN = {"steps_per_eval": 2, "iters": 9, "save_every": 2, "val_batches": 2}


def _begin(tmp_path, config, **options):
    run = create_run(tmp_path / "runs", config, b"", None, tmp_path, options=RunOptions(**options))
    launch(run)
    return run


def _of(told, kind, *names):
    return [tuple(getattr(event, name) for name in names) for event in told if isinstance(event, kind)]


def test_the_best_adapter_is_kept_and_can_take_the_final_ones_place(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, tmp_path / "adapter", **OFTEN, learning_rate=3e-2, seed=3)
    run = start(tmp_path / "runs", config | {"iters": 24, "val_batches": -1})
    told = wait_for_end(run)
    lowest = min((event for event in told if isinstance(event, Validation)), key=lambda event: event.loss)
    best = [event for event in told if isinstance(event, Best)][-1]
    assert 0 < lowest.iteration < 23
    assert (best.iteration, best.loss) == (lowest.iteration, lowest.loss)
    assert best_adapter(run).name == f"{lowest.iteration:07d}"
    assert [path.name for path in run.best.iterdir()] == [f"{lowest.iteration:07d}"]

    adapter = tmp_path / "adapter" / "adapters.safetensors"
    final = adapter.read_bytes()
    iteration, kept = use_best(run)
    assert iteration == lowest.iteration
    assert kept.name == "0000024_adapters.safetensors"
    assert kept.read_bytes() == final != adapter.read_bytes()
    assert adapter.read_bytes() == (best_adapter(run) / "adapters.safetensors").read_bytes()

    history = History()
    for event in events(run):
        history.apply(event)
    assert (history.adapter_iteration, history.best_is_in_place) == (iteration, True)
    named = {path.path: path.iteration for path in history.adapters()}
    assert (named[str(adapter)], named[str(kept)]) == (iteration, 24)
    assert summarize(run).state == "finished"
    with pytest.raises(RunError, match=f"is the best adapter already, that of iteration {iteration}"):
        use_best(run)


@pytest.mark.slow
def test_options_change_what_they_name_and_no_weight(tiny, tmp_path):  # noqa: F811
    plain = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "plain", **OFTEN, test=True, test_batches=1))
    ours = _begin(
        tmp_path,
        tiny_config(tiny, tmp_path / "ours", **OFTEN, test=True, test_batches=1),
        keep_last=2,
        fixed_validation=True,
        validate_last=True,
    )
    told, ours_told = wait_for_end(plain), wait_for_end(ours)
    assert _of(told, Step, "iteration", "loss") == _of(ours_told, Step, "iteration", "loss")
    assert _of(told, Tested, "loss") == _of(ours_told, Tested, "loss")
    final = "adapters.safetensors"
    assert (tmp_path / "plain" / final).read_bytes() == (tmp_path / "ours" / final).read_bytes()
    assert sorted(path.name for path in (tmp_path / "ours").glob("0*")) == [
        "0000006_adapters.safetensors",
        "0000008_adapters.safetensors",
    ]
    assert len(list((tmp_path / "plain").glob("0*"))) == 4
    at = [iteration for (iteration,) in _of(ours_told, Validation, "iteration")]
    assert at == [iteration for (iteration,) in _of(told, Validation, "iteration")] + [9]
    assert read_json(plain.manifest)["differs_from_mlx_lm"] == []
    assert len(read_json(ours.manifest)["differs_from_mlx_lm"]) == 3


@pytest.mark.slow
def test_fixed_validation_measures_the_same_rows_each_time(tiny, tmp_path):  # noqa: F811
    still = {"learning_rate": 0.0, "optimizer": "sgd", "steps_per_eval": 2, "iters": 9, "val_batches": 1}
    plain = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "plain", **still))
    ours = _begin(tmp_path, tiny_config(tiny, tmp_path / "ours", **still), fixed_validation=True)
    assert len(set(_of(wait_for_end(plain), Validation, "loss"))) > 1
    assert len(set(_of(wait_for_end(ours), Validation, "loss"))) == 1


def test_patience_ends_a_run_that_learns_nothing_more_and_it_can_be_resumed(tiny, tmp_path):  # noqa: F811
    still = {"learning_rate": 0.0, "optimizer": "sgd", "steps_per_eval": 2, "iters": 100, "val_batches": -1}
    run = _begin(tmp_path, tiny_config(tiny, tmp_path / "adapter", **still), patience=3)
    ended = wait_for_end(run)[-1]
    assert (ended.outcome, ended.iteration) == ("stopped", 5)
    assert ended.reason.startswith("early stopping: 3 validations in a row were no lower than ")
    assert (tmp_path / "adapter" / "adapters.safetensors").exists()
    assert summarize(run).how == ended.reason
    assert [path.name for path in run.states.iterdir()] == ["0000005"]


SUPERVISE = """
import sys
from pathlib import Path
from app.engine import guard, supervisor
from app.machine.memory import SystemMemory
supervisor.LOOK_EVERY, guard.SILENCE = 0.2, float(sys.argv[2])
if sys.argv[3] == "short":
    guard.system_memory = lambda: SystemMemory(16_000_000_000, 400_000_000, 15_600_000_000, 0)
sys.exit(supervisor.supervise(Path(sys.argv[1])))
"""


def _supervised(run, silence, memory):
    return subprocess.Popen([sys.executable, "-P", "-c", SUPERVISE, str(run.path), str(silence), memory])


def test_short_memory_pauses_a_run_that_chose_so_with_no_screen_alive(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, tmp_path / "adapter", iters=1_000_000)
    run = create_run(tmp_path / "runs", config, b"", None, tmp_path, options=RunOptions(pause_on_memory=True))
    with _supervised(run, 1000, "short") as supervisor:
        told = wait_for_end(run)
        assert supervisor.wait() == 0
    assert isinstance(told[-1], Ended)
    assert told[-1].outcome == summarize(run).state == "paused"
    (warning,) = [event.text for event in told if isinstance(event, Note)]
    assert "0.4 of 16 GB are free" in warning
    assert pulse_from(read_json(run.exit)["pulse"]).highest > 10_000_000


def test_a_trainer_that_says_nothing_is_told_of_once(tiny, tmp_path):  # noqa: F811

    config = tiny_config(tiny, tmp_path / "adapter", iters=1_000_000)
    run = create_run(tmp_path / "runs", config, b"", None, tmp_path)
    with _supervised(run, 1.0, "ample"):
        wait_for(lambda: any(isinstance(event, Step) for event in events(run)))
        trainer = read_json(run.trainer)["pid"]
        before = len(_warnings(run))
        os.kill(trainer, signal.SIGSTOP)
        wait_for(lambda: len(_warnings(run)) > before)
        time.sleep(1.5)
        assert len(_warnings(run)) == before + 1
        os.kill(trainer, signal.SIGKILL)
    assert read_json(run.exit)["signal"] == signal.SIGKILL


def _warnings(run):
    return [event for event in events(run) if isinstance(event, Note)]


def test_what_short_memory_is():
    def memory(available):
        return SystemMemory(16_000_000_000, available, 0, 0)

    assert shortage(memory(4_000_000_000), None) is Shortage.NONE
    assert shortage(memory(1_000_000_000), None) is Shortage.NEAR
    assert shortage(memory(300_000_000), None) is Shortage.OUT
    assert shortage(memory(300_000_000), Pressure.NORMAL) is Shortage.NONE
    assert shortage(memory(9_000_000_000), Pressure.WARNING) is Shortage.NEAR
    assert shortage(memory(9_000_000_000), Pressure.CRITICAL) is Shortage.OUT
