"""A tiny real model with data, and a training of it that is over in a minute."""

import subprocess
import sys
from pathlib import Path
from typing import Any

_BUILD = """
import sys
from pathlib import Path
from app.engine.demo.build import Shape, build
build(Path(sys.argv[1]), Shape(hidden=32, layers=2, heads=2, vocabulary=300))
"""


def tiny_folder(folder: Path) -> Path:
    """Makes `model` and `data` in the folder, in a process of its own: only engines import mlx."""
    subprocess.run([sys.executable, "-P", "-c", _BUILD, str(folder)], check=True)
    return folder


def tiny_training(tiny: Path) -> dict[str, Any]:
    """A native configuration, some 20 ms an iteration; adapter_path is left to the caller."""
    return {
        "model": str(tiny / "model"),
        "data": str(tiny / "data"),
        "train": True,
        "fine_tune_type": "lora",
        "num_layers": 2,
        "lora_parameters": {"rank": 4, "dropout": 0.0, "scale": 2.0},
        "learning_rate": 1e-3,
        "batch_size": 2,
        "iters": 1000,
        "max_seq_length": 64,
        "steps_per_report": 10,
        "steps_per_eval": 100,
        "val_batches": 1,
        "save_every": 100,
        "seed": 7,
    }
