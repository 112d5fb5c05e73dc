"""Asking MLX for the GPU's ceiling: a real engine process on this machine, a Mac's or a card's answer faked."""

import json
import subprocess
import sys

import mlx.core as mx
import pytest

from app.machine.gpu import CeilingSource, GpuCeiling
from app.memory import ceiling
from app.wire.process import engine_command


@pytest.fixture
def installed(monkeypatch):
    return lambda *names: monkeypatch.setattr(ceiling, "installed_backends", lambda: names)


@pytest.fixture
def answering(installed, monkeypatch):
    """Puts a Python program in the engine's place, on a machine with a GPU backend."""

    def put(program):
        installed("metal")
        monkeypatch.setattr(ceiling, "engine_command", lambda *_: [sys.executable, "-c", program])

    return put


def test_the_engine_tells_what_mlx_knows_of_the_device():
    done = subprocess.run(engine_command("device"), capture_output=True, text=True, check=True)
    device = json.loads(done.stdout)
    info = mx.device_info()
    assert device.pop("backend") in ("cpu", "metal", "cuda")
    assert device.items() - info.items() <= {("free_memory", device.get("free_memory"))}
    assert device["device_name"] == info["device_name"]


@pytest.mark.skipif(mx.metal.is_available() or mx.cuda.is_available(), reason="this machine has a GPU")
def test_a_processor_has_no_ceiling(installed):
    installed("cuda13")  # else nothing is started
    assert ceiling.gpu_ceiling() is None


@pytest.mark.parametrize("backends", [(), ("cpu",)])
def test_without_a_gpu_backend_nothing_is_started(installed, monkeypatch, backends):
    installed(*backends)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert ceiling.gpu_ceiling() is None


def test_a_macs_answer_is_its_ceiling(answering):
    answer = {"backend": "metal", "max_recommended_working_set_size": 11_840_000_000, "device_name": "Apple M2"}
    answering(f"print({json.dumps(answer)!r})")
    assert ceiling.gpu_ceiling() == GpuCeiling(11_840_000_000, CeilingSource.METAL)


@pytest.mark.parametrize(
    "program",
    ["raise SystemExit(1)", "print('no JSON')", "print('[]')", "import sys; sys.stdout.buffer.write(b'\\xff')"],
)
def test_no_sound_answer_is_no_ceiling(answering, program, capfd):
    answering(f"import sys; print('libcuda is missing', file=sys.stderr); {program}")
    assert ceiling.gpu_ceiling() is None
    assert capfd.readouterr() == ("", "")


def test_no_answer_in_time_is_no_ceiling(answering):
    answering("import time; time.sleep(60)")
    assert ceiling.gpu_ceiling(patience=0.3) is None


def test_a_python_that_is_gone_is_no_ceiling(answering, monkeypatch):
    answering("")
    monkeypatch.setattr(ceiling, "engine_command", lambda *_: ["/nowhere/python"])
    assert ceiling.gpu_ceiling() is None
