"""What is known of this computer."""

import os
import platform
import subprocess
import sys
from importlib import metadata

import pytest

from app.machine import backend
from app.machine.describe import machine_facts, versions
from app.machine.memory import process_memory, system_memory


@pytest.fixture
def installed(monkeypatch):
    """Pretends a system, a processor, and which backends' distributions are installed."""

    def pretend(system, *distributions, machine="arm64"):
        monkeypatch.setattr(platform, "system", lambda: system)
        monkeypatch.setattr(platform, "machine", lambda: machine)

        def version(name):
            if name not in distributions:
                raise metadata.PackageNotFoundError(name)
            return "1"

        monkeypatch.setattr(metadata, "version", version)

    return pretend


@pytest.mark.parametrize(
    ("system", "distributions", "expected"),
    [
        ("Linux", ["mlx-cpu"], None),
        ("Linux", ["mlx-cuda-13"], None),
        ("Linux", [], "cpu, cuda12 or cuda13"),
        ("Linux", ["mlx-cpu", "mlx-cuda-12"], "cpu and cuda12 are installed together"),
        ("Darwin", ["mlx-metal"], None),
        ("Darwin", [], "Metal backend is missing"),
    ],
)
def test_a_missing_backend_is_a_sentence_that_says_what_to_install(installed, system, distributions, expected):
    installed(system, *distributions)
    told = backend.missing_backend()
    assert told is None if expected is None else expected in told


def test_an_intel_mac_is_told_that_it_cannot_train(installed):
    installed("Darwin", machine="x86_64")
    assert "Apple silicon" in backend.missing_backend()


def test_mlx_names_the_backends_as_we_do():
    named = {
        requirement.partition("==")[0].partition(";")[0].strip()
        for requirement in metadata.requires("mlx")
        if requirement.startswith("mlx-")
    }
    assert named == {"mlx-metal", "mlx-cpu", "mlx-cuda-12", "mlx-cuda-13"}


def test_memory_is_in_bytes():
    memory = system_memory()
    assert memory.total > 2**28
    assert 0 < memory.available <= memory.total
    assert 0 <= memory.swap_used <= memory.swap_total


def test_memory_of_a_process_counts_its_children():
    child = subprocess.Popen(
        [sys.executable, "-c", "data = bytearray(200_000_000); print(flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        child.stdout.readline()
        assert process_memory(child.pid) > 200_000_000
        assert process_memory(os.getpid()) > process_memory(child.pid)
    finally:
        child.stdin.close()
        child.wait()
    assert process_memory(child.pid) is None


def test_a_record_of_a_run_names_versions_and_machine():
    assert versions()["mlx-lm"]
    assert machine_facts()["cores"] >= 1
