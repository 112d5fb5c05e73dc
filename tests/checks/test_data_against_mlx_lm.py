"""What the rules say of data, seen in mlx-lm itself: a new release that does otherwise fails here."""

from types import SimpleNamespace

import numpy as np
import pytest
from mlx_lm.tuner.datasets import load_dataset
from mlx_lm.utils import load_tokenizer

from tests.data.corpus import ALL, LOAD, OddFile
from tests.tiny import tiny  # noqa: F401


@pytest.fixture(scope="module")
def tokenizer(tiny):  # noqa: F811
    return load_tokenizer(tiny / "model")


def read_by_mlx_lm(folder, tokenizer, **config):
    """The training set of a data folder, as `mlx_lm.lora` gets it."""
    args = SimpleNamespace(**{"data": str(folder), "train": True, "test": False, "mask_prompt": False, **config})
    return load_dataset(args, tokenizer)[0]


def lines_that_fail(dataset):
    failing = []
    for place in range(len(dataset)):
        try:
            tokens, _ = dataset.process(dataset[place])
            np.zeros(len(tokens), np.int32)[:] = tokens  # as iterate_batches does
        except Exception:
            failing.append(place + 1)
    return tuple(failing)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_mlx_lm_makes_of_an_odd_file_what_the_corpus_says(case: OddFile, tmp_path, tokenizer):
    (tmp_path / "train.jsonl").write_bytes(case.content)
    if case.fails == LOAD:
        with pytest.raises((ValueError, TypeError, IndexError, RecursionError)):
            read_by_mlx_lm(tmp_path, tokenizer, **case.config)
    else:
        dataset = read_by_mlx_lm(tmp_path, tokenizer, **case.config)
        assert (len(dataset), lines_that_fail(dataset)) == (case.rows, case.fails)
