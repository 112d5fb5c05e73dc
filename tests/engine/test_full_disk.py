"""A disk that is full when weights are written: the adapter that was there stays, and the training goes on."""

import subprocess
import sys

from app.wire.events import Checkpoint, Note, Step
from tests.tiny import events, make_run, tiny, tiny_config  # noqa: F401

FULL_DISK = """
import resource, sys
from pathlib import Path
import mlx.core as mx
from app.engine.trainer import run_trainer
save = mx.save_safetensors

def save_on_a_full_disk(*arguments):
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        save(*arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

mx.save_safetensors = save_on_a_full_disk
sys.exit(run_trainer(Path(sys.argv[1])))
"""


def test_no_save_that_fails_costs_the_former_adapter(tiny, tmp_path):  # noqa: F811
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    standing = {"adapters.safetensors": b"a good one", "adapter_config.json": b"{}"}
    for name, content in standing.items():
        (adapter / name).write_bytes(content)
    run = make_run(tmp_path / "runs", tiny_config(tiny, adapter, save_every=2, iters=5), overwrite=True)
    done = subprocess.run([sys.executable, "-P", "-c", FULL_DISK, str(run.path)], capture_output=True, check=False)

    told = events(run)
    assert done.returncode == 1
    assert [event.iteration for event in told if isinstance(event, Step)] == [1, 2, 3, 4, 5]
    warnings = [event.text for event in told if isinstance(event, Note)]
    assert len(warnings) == 3  # two checkpoints and the best adapter
    assert "The checkpoint of iteration 2 was not saved" in warnings[0]
    assert not any(isinstance(event, Checkpoint) for event in told)
    assert told[-1].outcome == "failed"
    assert "could not be written whole" in told[-1].reason
    assert {path.name: path.read_bytes() for path in adapter.iterdir()} == standing
