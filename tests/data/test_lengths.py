"""Lengths of rows: what they mean is what mlx-lm's own batches are, and they are counted once."""

import json
import os
import random
import shutil
import signal
import time
from itertools import combinations
from types import SimpleNamespace

import psutil
import pytest
from mlx_lm.tuner.datasets import CacheDataset, load_local_dataset
from mlx_lm.tuner.trainer import iterate_batches
from mlx_lm.utils import load_tokenizer

from app.data import lengths_learning
from app.data.lengths import Lengths, SetLengths, Truncated, decode_lengths, padded_width, padding_waste, truncated
from app.data.lengths_cache import load_lengths, question, save_lengths, staged_order
from app.data.lengths_learning import learn_lengths
from app.data.padding import Padded, padded
from tests.tiny import tiny  # noqa: F401


class Rows:
    """A dataset as mlx-lm's are: a row has some keys and comes to some tokens."""

    def __init__(self, rows):
        self._rows = rows

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, index):
        return dict.fromkeys(range(self._rows[index][0])) | {"tokens": self._rows[index][1]}

    def process(self, row):
        return [1] * row["tokens"], 0


def widths(dataset, batch_size, max_seq_length):
    """Of each batch that mlx-lm makes."""
    return [batch.shape[1] for batch, _ in iterate_batches(dataset, batch_size, max_seq_length)]


def lengths_of(rows):
    """Of pairs of keys and tokens."""
    tokens = [tokens for _, tokens in rows]
    counts = tuple((length, tokens.count(length)) for length in sorted(set(tokens)))
    return SetLengths(counts, last=tuple(tokens for _, tokens in sorted(rows, key=lambda row: row[0]))[-255:])


# What lengths mean


@pytest.mark.parametrize("seed", range(8))
def test_the_widest_batch_is_as_wide_as_mlx_lm_makes_it(seed):
    draw = random.Random(seed)
    rows = [(draw.choice((1, 1, 1, 2)), draw.choice((0, 31, 32, 33, draw.randrange(200)))) for _ in range(37)]
    lengths = lengths_of(rows)
    for batch_size in (1, 2, 3, 5, 16, 36, 37):
        for max_seq_length in (1, 32, 33, 64, 65, 150, 2048):
            expected = max(widths(CacheDataset(Rows(rows)), batch_size, max_seq_length))
            assert padded_width(lengths, max_seq_length, batch_size) == expected
    assert padded_width(lengths, 2048, 38) is None, "mlx-lm refuses a batch that it cannot fill"


def test_rows_that_no_batch_holds_widen_none():
    rows = [(1, 10)] * 8 + [(1, 500)]
    assert max(widths(CacheDataset(Rows(rows)), 4, 2048)) == padded_width(lengths_of(rows), 2048, 4) == 33
    assert padded_width(lengths_of(rows), 2048, 3) == 513
    assert padded_width(lengths_of(rows), 2048) == 513


def test_what_is_cut_is_what_the_batches_lack():
    rows = [(1, tokens) for tokens in (0, 5, 64, 65, 66, 66, 300)]
    for max_seq_length in (1, 64, 65, 300, 400):
        kept = [int(spans[0, 1]) for _, spans in iterate_batches(CacheDataset(Rows(rows)), 1, max_seq_length)]
        cut = sum(tokens > max_seq_length for _, tokens in rows)
        assert truncated(lengths_of(rows), max_seq_length) == Truncated(cut, lengths_of(rows).tokens - sum(kept))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7])
def test_padding_waste_is_the_mean_over_all_batches(batch_size):
    rows = [(1, tokens) for tokens in (3, 30, 31, 33, 70, 70, 200)]
    kept = padded = 0
    for chosen in combinations(rows, batch_size):
        for batch, spans in iterate_batches(CacheDataset(Rows(list(chosen))), batch_size, 150):
            kept += int(spans[:, 1].sum())
            padded += batch.size
    assert padding_waste(lengths_of(rows), 150, batch_size) == pytest.approx(1 - kept / padded)


def test_nothing_is_made_of_nothing():
    nothing = SetLengths(())
    assert (nothing.rows, nothing.tokens, nothing.longest) == (0, 0, None)
    assert [padded_width(each, 64, 4) for each in (None, nothing)] == [None, None]
    assert [padding_waste(each, 64, 4) for each in (None, nothing)] == [None, None]
    assert (truncated(None, 64), truncated(nothing, 64)) == (None, Truncated(0, 0))


def test_a_keystroke_does_not_wait_for_many_lengths():
    many = SetLengths(tuple((length, 1000) for length in range(1, 5000)))
    start = time.perf_counter()
    for batch_size in range(1, 9):
        padded_width(many, 2048, batch_size), padding_waste(many, 2048, batch_size), truncated(many, 2048)
    assert (time.perf_counter() - start) / 8 < 0.1


@pytest.mark.parametrize(
    "damage",
    [
        {"train": None},
        {"train": {}},
        {"counts": [[1, 2, 3]]},
        {"counts": [[2, 1], [1, 1]]},
        {"counts": [["1", 1]]},
        {"counts": [[-1, 1]]},
        {"counts": 5},
        {"odd": None},
        {"odd": True},
        {"last": [1.5]},
        {"prompts": [[1, -1]]},
        {"first_odd": None},
    ],
)
def test_an_answer_that_is_none_is_told_from_one(damage):
    sound = {"counts": [[1, 2], [5, 1]], "odd": 1, "first_odd": [3], "last": [1, 1, 5], "prompts": [[0, 3]]}
    known = SetLengths(((1, 2), (5, 1)), 1, (3,), (1, 1, 5), ((0, 3),))
    assert decode_lengths({"train": sound, "valid": None}).train == known
    damaged = damage["train"] if "train" in damage else sound | damage
    with pytest.raises((KeyError, TypeError, ValueError)):
        decode_lengths({"train": damaged, "valid": None})


# How they are learned


@pytest.fixture
def place(tmp_path, tiny):  # noqa: F811
    """A start directory with `data`, `model` and an empty `cache`."""
    shutil.copytree(tiny / "data", tmp_path / "data")
    (tmp_path / "model").mkdir()
    for file in (tiny / "model").iterdir():
        (tmp_path / "model" / file.name).symlink_to(file)
    return tmp_path


@pytest.fixture
def no_process(monkeypatch):
    monkeypatch.setattr(lengths_learning, "engine_command", lambda *_: ["false"])


CONFIG = {"model": "model", "data": "data"}


def learn(place, config=CONFIG, **options):
    return learn_lengths(config, place, place / "cache", **options)


def engines():
    """Those of this test's process."""
    return [child for child in psutil.Process().children() if "lengths" in child.cmdline()]


def all_padded(lengths, max_seq_length, batch_size):
    train = padded(lengths.order, lengths.train.rows, max_seq_length, batch_size)
    return [train, padded(lengths.order, lengths.valid.rows, max_seq_length, batch_size, lengths.train.rows)]


def padded_by_mlx_lm(dataset, max_seq_length, batch_size):
    batches = list(iterate_batches(dataset, batch_size, max_seq_length))
    return Padded(
        len(batches), sum(int(spans[:, 1].sum()) for _, spans in batches), sum(batch.size for batch, _ in batches)
    )


def test_tiny_data_is_as_wide_as_mlx_lm_batches_it(place):
    lines = (place / "data" / "train.jsonl").read_text().splitlines()
    rows = [json.loads(line) | ({} if number % 3 else {"note": 1}) for number, line in enumerate(lines)]
    (place / "data" / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    told = []
    lengths = learn(place, on_progress=lambda name, done: told.append((name, done)))

    assert (lengths.train.rows, lengths.valid.rows, lengths.train.odd_rows) == (150, 20, 0)
    assert told[-1] == ("valid", 20) and ("train", 150) in told
    train, valid, _ = load_local_dataset(place / "data", load_tokenizer(place / "model"), SimpleNamespace())
    cached = [CacheDataset(rows) for rows in (train, valid)]
    in_order = sorted(train, key=len)
    assert lengths.train.last == tuple(len(train.process(row)[0]) for row in in_order)
    for batch_size in (1, 2, 3, 7, 16, 19):
        for max_seq_length in (97, 2048):
            expected = [max(widths(each, batch_size, max_seq_length)) for each in cached]
            found = [padded_width(each, max_seq_length, batch_size) for each in (lengths.train, lengths.valid)]
            assert found == expected
            assert all_padded(lengths, max_seq_length, batch_size) == [
                padded_by_mlx_lm(each, max_seq_length, batch_size) for each in cached
            ]
    assert engines() == []


CHANGES = {
    "training rows": lambda place: (place / "data" / "train.jsonl").open("a").write('{"messages": []}\n'),
    "validation rows": lambda place: (place / "data" / "valid.jsonl").unlink(),
    "time of the rows": lambda place: os.utime(place / "data" / "train.jsonl"),
    "template": lambda place: (
        (place / "model" / "chat_template.jinja").unlink(missing_ok=True)
        or (place / "model" / "chat_template.jinja").write_text("{{ messages }}")
    ),
    "tokenizer": lambda place: (place / "model" / "tokenizer.json").unlink(),
    "lengths in their order": lambda place: [file.write_bytes(b"1234") for file in (place / "cache").glob("*.order")],
    "damage": lambda place: [file.write_text('{"state": {}}') for file in (place / "cache").iterdir()],
    "no JSON": lambda place: [file.write_text('{"state"') for file in (place / "cache").iterdir()],
    "nesting": lambda place: [file.write_text("[" * 100_000) for file in (place / "cache").iterdir()],
}


@pytest.fixture(scope="module")
def counted(tiny, tmp_path_factory):  # noqa: F811
    """A place whose rows have been counted once."""
    folder = tmp_path_factory.mktemp("counted")
    shutil.copytree(tiny / "data", folder / "data")
    shutil.copytree(tiny / "model", folder / "model")
    assert isinstance(learn(folder), Lengths)
    return folder


def test_what_is_known_needs_no_process(counted, no_process):
    lengths = learn(counted)
    assert isinstance(lengths, Lengths) and lengths.train.rows == 150
    unimportant = {"max_seq_length": 7, "mask_prompt": False, "batch_size": 3, "iters": 9}
    assert learn(counted, CONFIG | unimportant) == lengths
    assert learn(counted, {"model": str(counted / "model"), "data": str(counted / "data")}) == lengths


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_counted_again(counted, tmp_path, no_process, change):
    """In a copy at the same path, for a path is part of what is asked."""
    kept = tmp_path / "kept"
    shutil.copytree(counted, kept)  # with the times of its files
    try:
        assert isinstance(learn(counted), Lengths)
        CHANGES[change](counted)
        assert "ended with code 1" in learn(counted)
    finally:
        shutil.rmtree(counted)
        shutil.copytree(kept, counted)


@pytest.mark.parametrize(
    "other",
    [
        {"mask_prompt": True},
        {"text_feature": "body"},
        {"chat_feature": "talk"},
        {"trust_remote_code": True},
        {"hf_dataset": {"path": "x"}},
    ],
)
def test_what_is_asked_otherwise_is_counted_apart(counted, no_process, other):
    assert isinstance(learn(counted), Lengths)
    assert "ended with code 1" in learn(counted, CONFIG | other)


def test_a_cache_that_cannot_be_written_spoils_nothing(counted, tmp_path):
    asked = question(CONFIG, counted / "data", counted / "model")
    (tmp_path / "file").write_text("a file")
    with staged_order(tmp_path / "file") as order:
        assert order is None
    assert save_lengths(tmp_path / "file", asked, {}, tmp_path / "none") is None
    assert load_lengths(tmp_path / "file", asked) is None
    assert load_lengths(counted / "cache", asked) == learn(counted)


def big(place):
    rows = (place / "data" / "train.jsonl").read_text()
    (place / "data" / "train.jsonl").write_text(rows * 2000)


def test_a_cancel_leaves_no_process_and_no_answer(place):
    big(place)
    told, seen = [], []

    def cancelled():
        seen.extend(engines())
        return bool(told)

    start = []
    assert (
        learn(place, on_progress=lambda *_: (told.append(1), start.append(time.monotonic())), cancelled=cancelled)
        is None
    )
    assert time.monotonic() - start[0] < 1
    assert seen and not any(engine.is_running() for engine in seen)
    assert list((place / "cache").iterdir()) == []
    assert learn(place, cancelled=lambda: True) is None


def test_an_engine_that_is_killed_is_a_sentence(place):
    big(place)
    problem = learn(place, on_progress=lambda *_: [os.kill(each.pid, signal.SIGKILL) for each in engines()])
    assert "was ended by signal 9" in problem and engines() == []


def test_names_that_lead_nowhere_are_a_sentence(place):
    assert learn(place, {"model": "m" * 5000, "data": "\x00"}).startswith("model: ")


def test_a_start_directory_that_is_none_is_a_sentence(place):
    assert "nowhere" in learn_lengths(CONFIG, place / "nowhere", place / "cache")
