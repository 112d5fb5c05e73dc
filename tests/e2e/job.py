"""The tiny training that the tests in a terminal start, and what they look for on its screen."""

import re
from pathlib import Path

from app.runs.follow import EventReader
from app.wire.events import Step, Validation
from app.wire.run_folder import RunFolder

ENDLESS = 1_000_000

TEMPLATE = """\
# my own notes
model: {tiny}/model   # tiny
data: {tiny}/data
train: true

num_layers: 2
lora_parameters: {{rank: 4, scale: 2.0, dropout: 0.0}}
learning_rate: 1e-3
batch_size: 4
iters: {iters}
max_seq_length: 128
steps_per_report: 2
steps_per_eval: 1000
val_batches: 1
save_every: 100000
adapter_path: adapters
seed: 7
"""

_READOUT = re.compile(r"(?:iteration |▸  |┃  )(\d+)(?: of |/)\d+  loss (\S+)")


def job(tiny: Path, iters: int = ENDLESS, **replaced: object) -> str:
    """YAML text of the training; a keyword replaces the line of its key."""
    text = TEMPLATE.format(tiny=tiny, iters=iters)
    for key, value in replaced.items():
        text = re.sub(rf"(?m)^{key}: .*$", lambda _, key=key, value=value: f"{key}: {value}", text)
    return text


def readout(screen: str) -> tuple[int, str]:
    """Iteration and loss in the line under the chart."""
    found = _READOUT.search(screen)
    assert found, f"no readout of the chart:\n{screen}"
    return int(found[1]), found[2]


def iteration_shown(screen: str) -> int:
    """The latest iteration that the chart shows, 0 while it shows none."""
    found = _READOUT.search(screen)
    return int(found[1]) if found else 0


def curve_cells(screen: str) -> int:
    """How many cells of the screen hold a piece of a curve."""
    return sum("\u2801" <= character <= "\u28ff" for character in screen)


def steps(run: RunFolder) -> list[Step]:
    return [event for event in EventReader(run.events).read_new() if isinstance(event, Step)]


def validations(run: RunFolder) -> list[Validation]:
    return [event for event in EventReader(run.events).read_new() if isinstance(event, Validation)]
