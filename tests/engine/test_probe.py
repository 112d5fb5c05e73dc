"""The probe against mlx-lm itself: the same peak on the same batch, and nothing left behind."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.wire.probe import Measured, ProbeRequest, Problem, Progress, Reached, decode, encode_request
from app.wire.process import engine_command
from tests.tiny import tiny, tiny_config  # noqa: F401

STOCK = """
import json, sys
from types import SimpleNamespace
import mlx.core as mx
import numpy as np
from mlx_lm import lora
args = SimpleNamespace(**lora.CONFIG_DEFAULTS | json.loads(sys.argv[1]))
np.random.seed(args.seed)
model, tokenizer = lora.load(args.model)
train, valid, _ = lora.load_dataset(args, tokenizer)
mx.reset_peak_memory()
lora.train_model(args, model, train, valid)
print("peak", mx.get_peak_memory())
"""
SHORT = "a row of words"
LONG = "a longer row, of many more words than the others have, " * 3
UNUSED = LONG * 2
ROWS = [SHORT] * 5 + [LONG] + [SHORT] * 6 + [UNUSED]
"""Of batches of four rows the second is the widest; the thirteenth row is in none."""
ROOMY = {"max_seq_length": 512, "fine_tune_type": "lora"}
CASES: dict[str, dict[str, Any]] = {
    "dora, checkpointed": {"fine_tune_type": "dora", "grad_checkpoint": True},
    "accumulated": {"grad_accumulation_steps": 2},
}


@pytest.fixture(scope="module")
def pairs(tiny, tmp_path_factory) -> dict[str, tuple[Measured, int]]:  # noqa: F811
    """For each case what the probe measures on all rows, and mlx-lm on those of the widest batch alone."""
    folder = tmp_path_factory.mktemp("probe")
    every, widest = write_rows(folder / "every", ROWS), write_rows(folder / "widest", ROWS[4:8])

    def both(case: str) -> tuple[Measured, int]:
        config = tiny_config(tiny, folder / "adapter", data=str(every), **ROOMY | CASES[case])
        iters = 3 * config.get("grad_accumulation_steps", 1)
        stock = config | {"data": str(widest), "adapter_path": str(folder / f"stock {case}"), "iters": iters}
        probed, trained = [], []
        for _ in range(3):  # a busy computer may hold MLX's main thread up, which lowers a peak and never raises it
            probed.append(answers(config, folder)[-1])
            trained.append(stock_peak(stock))
            best = max(probed, key=lambda measured: measured.peak_bytes), max(trained)
            if best[0].peak_bytes == pytest.approx(best[1], rel=0.01):
                break
        return best

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(CASES, pool.map(both, CASES), strict=True))


def write_rows(folder: Path, rows: list[str]) -> Path:
    folder.mkdir()
    for name, texts in {"train": rows, "valid": [SHORT] * 4}.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return folder


def answers(config: dict[str, Any], folder: Path, width: int | None = None) -> list[Any]:
    """All that a probe says, started in `folder`."""
    with subprocess.Popen(
        engine_command("probe"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
    ) as process:
        process.stdin.write(encode_request(ProbeRequest(config, width)))
        process.stdin.flush()  # and left open
        return [decode(line) for line in process.stdout]


def stock_peak(config: dict[str, Any]) -> int:
    done = subprocess.run(
        [sys.executable, "-P", "-c", STOCK, json.dumps(config)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.rpartition("peak ")[2])


@pytest.mark.parametrize("case", CASES)
def test_it_measures_the_peak_of_mlx_lm(pairs, case):
    measured, stock = pairs[case]
    # A step meets MLX's queue of kernels in one of ten states, by which the peak of the very same training differs.
    assert measured.peak_bytes == pytest.approx(stock, rel=0.02)


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_it_measured(pairs, case):
    measured, _ = pairs[case]
    accumulated = CASES[case].get("grad_accumulation_steps", 1)
    assert (measured.backend, measured.batch, measured.made_up) == ("cpu", 4, "")
    assert measured.iterations == 3 * accumulated
    assert 0 < measured.active_bytes < measured.peak_bytes < measured.footprint_bytes
    assert 0 < measured.seconds_per_update < 10


def test_no_adapter_folder_is_made(pairs, tmp_path_factory):
    assert not list(tmp_path_factory.getbasetemp().glob("probe*/adapter"))


def test_the_width_is_that_of_the_widest_batch_and_no_row_that_is_never_used_counts(pairs, tiny):  # noqa: F811
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny / "model")
    length = len(tokenizer.encode(LONG)) + 1
    assert length + 64 < len(tokenizer.encode(UNUSED))
    assert {measured.width for measured, _ in pairs.values()} == {1 + 32 * -(-length // 32)}


def test_rows_are_made_up_and_progress_is_told(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, "adapter", grad_accumulation_steps=16, data="data/is not here", max_seq_length=40)
    told = answers(config, tmp_path, width=500)
    assert list(dict.fromkeys(message.phase for message in told if isinstance(message, Progress))) == [
        "load", "dataset", "train",
    ]  # fmt: skip
    training = [message for message in told if isinstance(message, Progress) and message.phase == "train"]
    assert (training[-1].done, training[-1].total) == (9, 9)
    reached = [message.bytes for message in told if isinstance(message, Reached)]
    measured = told[-1]
    assert reached[0] > 0 and reached[-1] <= measured.peak_bytes
    assert (measured.width, measured.iterations) == (40, 9)
    assert "data/is not here" in measured.made_up
    assert not list(tmp_path.iterdir())


def test_a_wider_validation_batch_is_run_too(pairs, tiny, tmp_path):  # noqa: F811
    data = write_rows(tmp_path / "data", [SHORT] * 4)
    (data / "valid.jsonl").write_text((json.dumps({"text": UNUSED * 2}) + "\n") * 4)
    measured = answers(tiny_config(tiny, "adapter", data=str(data), **ROOMY), tmp_path)[-1]
    wider, _ = pairs["accumulated"]
    assert measured.width < wider.width
    assert measured.peak_bytes > wider.peak_bytes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "nowhere"}, "model: nowhere is not on this computer yet, and a probe downloads nothing."),
        ({"train": False, "test": True}, "train: a probe measures a training"),
        ({"num_layers": 9}, "num_layers: 9 is more than the 2 layers"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(tiny, tmp_path, changes, words):  # noqa: F811
    problem = answers(tiny_config(tiny, "adapter", **changes), tmp_path)[-1]
    assert isinstance(problem, Problem)
    assert words in problem.sentence


def test_it_ends_when_nobody_listens(tmp_path):
    process = subprocess.Popen(
        engine_command("probe"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert b"no request of a probe" in said
