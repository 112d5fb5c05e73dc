"""Trainings of the tiny model for commands that weigh them, and what mlx-lm itself takes for one."""

import json
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.tiny import tiny  # noqa: F401

FILE = """\
# my own notes
model: {tiny}/model   # tiny
data: {tiny}/data
train: true

num_layers: 2
lora_parameters: {{rank: 8, scale: 2.0, dropout: 0.0}}
batch_size: 4   # rows
iters: 3
max_seq_length: 64
adapter_path: adapters
"""

_MLX_LM = """
import sys
import mlx.core as mx
from mlx_lm import lora
sys.argv = ["mlx_lm.lora", "-c", sys.argv[1]]
lora.main()
print(mx.get_peak_memory())
"""


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose traces all tests share, as a person's starts do."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def file(tiny: Path, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """`train.yaml` in the working directory."""
    monkeypatch.setenv("HOME", str(kept))
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.yaml"
    path.write_text(FILE.format(tiny=tiny))
    return path


def rewrite(file: Path, **values: object) -> Path:
    """The same with other values, in the place of their lines or behind them."""
    lines = file.read_text().splitlines()
    kept = [line for line in lines if line.partition(":")[0] not in values]
    file.write_text("\n".join([*kept, *(f"{key}: {json.dumps(value)}" for key, value in values.items())]) + "\n")
    return file


def run(command: ModuleType, *arguments: object) -> int:
    """Its exit status."""
    parser = ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(list(map(str, arguments)))))


def told(command: ModuleType, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    """Its exit status, and the JSON that it prints."""
    capsys.readouterr()
    status = run(command, *arguments, "--json")
    return status, json.loads(capsys.readouterr().out)


def peak_of_mlx_lm(file: Path) -> int:
    """`mx.get_peak_memory` after mlx-lm's own training of a file, in a process of its own."""
    command = [sys.executable, "-c", _MLX_LM, str(file)]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])
