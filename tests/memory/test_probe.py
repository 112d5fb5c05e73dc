"""The probe as the app starts it: it answers, dies and is cancelled without harm, and nothing is left of it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from app.memory.probe import Cancelled, DiedOfMemory, Measured, Problem, probe
from app.wire.probe import OutOfMemory, Progress, Reached, encode
from tests.tiny import tiny, tiny_config, wait_for  # noqa: F401

ENDLESS = {"max_seq_length": 8192, "batch_size": 4}
"""With rows as wide as that an iteration of the tiny model takes many seconds, and some GB."""
APP = """
import json, resource, sys, tempfile
from pathlib import Path
from app.memory.probe import probe
config, width, limit, tempfile.tempdir = json.loads(sys.argv[1])
if limit:
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
print(repr(probe(config, Path.cwd(), lambda told: print(told.phase, flush=True), lambda: False, width)))
"""
"""An app that does nothing but probe, in a space of `limit` bytes."""


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path_factory, monkeypatch):
    """Neither a process of ours nor a temporary file, whatever became of the probe."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield
    assert not _engines()
    assert not list(temporary.iterdir())


def test_it_measures(tiny, tmp_path):  # noqa: F811
    told: list[Progress] = []
    config = tiny_config(Path("tiny"), "adapter")
    (tmp_path / "tiny").symlink_to(tiny)
    measured = probe(config, tmp_path, told.append, lambda: False)
    assert isinstance(measured, Measured)
    assert (measured.batch, measured.width, measured.iterations) == (4, 64, 3)
    assert told[-1] == Progress("train", "", 3, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_model_of_the_hubs_cache_is_found_without_a_network(tiny, tmp_path, monkeypatch):  # noqa: F811
    repository = tmp_path / "hub" / "models--harbour--tiny"
    shutil.copytree(tiny / "model", repository / "snapshots" / ("a" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    config = tiny_config(tiny, "adapter", model="harbour/tiny")
    assert isinstance(_probe(config, tmp_path), Measured)


def test_cancelled_while_it_trains_it_is_gone_at_once(tiny, tmp_path):  # noqa: F811
    cancel, asked = threading.Event(), []

    def hear(told):
        if told.phase == "train":
            cancel.set()
            asked.append(time.monotonic())

    config = tiny_config(tiny, "adapter", data="nowhere", **ENDLESS)
    assert probe(config, tmp_path, hear, cancel.is_set, width=2048) == Cancelled()
    assert time.monotonic() - asked[0] < 2


def test_cancelled_before_it_began_it_does_not_begin(tiny, tmp_path):  # noqa: F811
    began = time.monotonic()
    assert probe(tiny_config(tiny, "adapter"), tmp_path, print, lambda: True) == Cancelled()
    assert time.monotonic() - began < 2


def test_killed_while_it_trains_it_died_of_memory(tiny, tmp_path):  # noqa: F811
    """What the kernel does when memory runs out looks like this."""

    def hear(told):
        if told.phase == "train":
            threading.Timer(0.5, _engines()[0].kill).start()

    config = tiny_config(tiny, "adapter", data="nowhere", **ENDLESS)
    died = probe(config, tmp_path, hear, lambda: False, width=2048)
    assert isinstance(died, DiedOfMemory)
    assert died.during == "train"
    assert died.reached_bytes > 50_000_000
    assert died.resident_bytes > 100_000_000
    assert "memory runs out" in died.words


def test_refused_memory_it_died_of_memory(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, "adapter", data="nowhere", **ENDLESS)
    (answer,) = _app(config, tmp_path, width=8192, limit=3_000_000_000).communicate()[0].splitlines()[-1:]
    assert answer.startswith("DiedOfMemory(")
    assert "during='train'" in answer


def test_it_ends_when_the_app_is_killed(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, "adapter", data="nowhere", **ENDLESS)
    app = _app(config, tmp_path, width=2048)
    while app.stdout.readline() != "train\n":
        pass
    (engine,) = psutil.Process(app.pid).children()
    assert os.getsid(engine.pid) == engine.pid
    app.kill()
    app.communicate()
    wait_for(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE, seconds=5)
    wait_for(lambda: not list(Path(tempfile.gettempdir()).iterdir()), seconds=1)


def test_it_ends_when_whoever_listens_raises(tiny, tmp_path):  # noqa: F811
    def hear(told):
        raise KeyError(told.phase)

    with pytest.raises(KeyError, match="load"):
        probe(tiny_config(tiny, "adapter"), tmp_path, hear, lambda: False)


def test_a_broken_model_is_a_problem(tiny, tmp_path):  # noqa: F811
    shutil.copytree(tiny / "model", tmp_path / "model")
    weights = tmp_path / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    problem = _probe(tiny_config(tiny, "adapter", model="model"), tmp_path)
    assert isinstance(problem, Problem)
    assert "\n" not in problem.sentence
    assert "safetensors" in problem.sentence


def test_data_that_is_not_there_is_a_problem(tiny, tmp_path):  # noqa: F811
    problem = _probe(tiny_config(tiny, "adapter", data="data/nowhere"), tmp_path)
    assert isinstance(problem, Problem)
    assert problem.sentence.startswith("data: data/nowhere: ")


def test_a_start_directory_that_is_not_there_is_a_problem(tiny, tmp_path):  # noqa: F811
    problem = _probe(tiny_config(tiny, "adapter"), tmp_path / "gone")
    assert problem == Problem(f"The probe cannot start in {tmp_path / 'gone'}: No such file or directory.")


@pytest.mark.parametrize(
    ("last_words", "end", "died", "words"),
    [
        (
            "runtime_error: [METAL] Command buffer execution failed: Insufficient Memory",
            "abort()",
            True,
            "want of memory",
        ),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "abort()", True, "want of memory"),
        ("Assertion failed", "abort()", False, "was ended by signal 6 during train: Assertion failed"),
        ("the last word", "_exit(3)", False, "ended with code 3 during train: the last word"),
        ("", "_exit(0)", False, "ended with code 0 during train: it said nothing"),
    ],
)
def test_other_deaths(tmp_path, monkeypatch, last_words, end, died, words):
    """Programs in the engine's place, for what MLX does on machines that these tests do not run on."""
    said = b"mlx-lm says something\n" + encode(Progress("train")) + encode(Reached(10**9)) + b'{"torn'
    program = f"import os; os.write(1, {said!r}); os.write(2, {last_words.encode()!r}); os.{end}"
    monkeypatch.setattr("app.memory.probe.engine_command", lambda _: [sys.executable, "-c", program])
    result = _probe({}, tmp_path)
    assert isinstance(result, DiedOfMemory if died else Problem)
    assert words in (result.words if died else result.sentence)
    assert not died or (result.reached_bytes, result.during) == (10**9, "train")


def test_what_mlx_was_refused_counts_as_reached(tmp_path, monkeypatch):
    said = encode(Progress("train")) + encode(Reached(10**9)) + encode(OutOfMemory(3 * 10**9, "Unable to allocate"))
    program = f"import os; os.write(1, {said!r})"
    monkeypatch.setattr("app.memory.probe.engine_command", lambda _: [sys.executable, "-c", program])
    died = _probe({}, tmp_path)
    assert (died.reached_bytes, died.during, died.words) == (3 * 10**9, "train", "Unable to allocate")


def _probe(config, start_directory):
    return probe(config, start_directory, lambda _: None, lambda: False)


def _app(config, start_directory, width, limit=0):
    """In a process of its own, as it is killed or bounded; its temporary files are where this one's are."""
    told = json.dumps([config, width, limit, tempfile.gettempdir()])
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, "-c", APP, told], stdout=subprocess.PIPE, text=True, cwd=start_directory, env=environment
    )


def _engines():
    ours = psutil.Process().children(recursive=True)
    return [process for process in ours if process.cmdline()[-2:] == ["app.engine", "probe"]]
