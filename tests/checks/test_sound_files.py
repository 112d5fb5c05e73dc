"""No false alarms: files of many kinds that plain mlx-lm trains as meant get notes at most."""

import re
from pathlib import Path

import pytest

from app.checks.file_findings import findings_of
from app.checks.ready import context_at
from app.config.config import native
from app.config.dialect import resolve
from app.config.document import read
from app.config.stock import alike
from tests.checks.configurations import GB
from tests.checks.stock_training import stock
from tests.checks.world import here, tiny, world  # noqa: F401

SOUND = sorted((Path(__file__).parent / "sound").glob("*.yaml"))


def test_they_are_twenty_at_least():
    assert len(SOUND) >= 20


@pytest.mark.parametrize("file", SOUND, ids=lambda file: file.stem)
def test_a_sound_file_gets_notes_at_most_and_mlx_lm_trains_it_as_shown(file, here):  # noqa: F811
    memory = re.match(r"# memory: (\d+)", file.read_text())
    resolution = resolve(read(file))
    context = context_at(resolution.config, here, int(memory[1]) * GB if memory else 64 * GB)
    assert [finding for finding in findings_of(resolution, context) if finding.level != "note"] == []
    ended = stock(file, "--iters", "1", "--val-batches", "1")
    assert ended.is_sound, ended.error
    shown = native(resolution.config) | {"iters": 1, "val_batches": 1}
    given = vars(ended.given) if ended.given else {}
    full = shown["fine_tune_type"] == "full"  # for which mlx-lm takes lora_parameters away
    assert [key for key in given.keys() & shown if not alike(given[key], shown[key]) and (key, full) != _GONE] == []


_GONE = ("lora_parameters", True)
