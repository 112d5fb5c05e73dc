"""The figures of the lens against what mlx-lm's own batches hold, and suggestions that keep their word."""

import random

import pytest
from mlx_lm.tuner.trainer import iterate_batches

from app.data.lengths import SetLengths, truncated
from app.data.lens import Bin, histogram, look, quantile, suggest


class Rows:
    """Of mlx-lm's kind once tokenized: tokens and where those that train begin."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        length, prompt = self.rows[index]
        return [1] * length, prompt


def lengths_of(rows):
    def counted(numbers):
        return tuple((number, numbers.count(number)) for number in sorted(set(numbers)))

    tokens, prompts = [length for length, _ in rows], [prompt for _, prompt in rows]
    return SetLengths(counted(tokens), last=tuple(tokens[-255:]), prompts=counted(prompts))


@pytest.mark.parametrize("batch_size", [1, 3, 4, 40])
@pytest.mark.parametrize("max_seq_length", [20, 64, 300])
def test_tokens_of_an_epoch_are_those_in_mlx_lm_s_batches(batch_size, max_seq_length):
    draw = random.Random(batch_size)
    rows = sorted((length, draw.randrange(length)) for length in (draw.randrange(1, 200) for _ in range(40)))
    found = look(lengths_of(rows), max_seq_length, batch_size)
    spans = [span for _, spans in iterate_batches(Rows(rows), batch_size, max_seq_length) for span in spans.tolist()]
    assert found.tokens_per_epoch == sum(length for _, length in spans)
    assert found.never_trained == 40 - len(spans)
    assert found.without_lesson == sum(prompt >= max_seq_length for _, prompt in rows)
    assert found.cut.rows == sum(length > max_seq_length for length, _ in rows)
    if not found.never_trained:
        assert found.trained_tokens_per_epoch == sum(max(0, length - prompt) for prompt, length in spans)


def test_a_suggestion_cuts_little_and_the_next_smaller_cuts_more():
    draw = random.Random(1)
    for _ in range(30):
        rows = [(max(1, int(draw.lognormvariate(5, draw.choice((0.2, 1.0, 1.5))))), 0) for _ in range(300)]
        lengths = lengths_of(rows)
        found = suggest(lengths)
        assert found.max_seq_length % 64 == 0 and found.cut == truncated(lengths, found.max_seq_length)
        assert found.cut.tokens <= lengths.tokens / 100
        smaller = found.max_seq_length - 64
        assert smaller == 0 or truncated(lengths, smaller).tokens > lengths.tokens / 100
    assert suggest(SetLengths(())) is None and look(SetLengths(()), 64, 1) is None


def test_bins_hold_every_row_once_and_end_at_the_line():
    draw = random.Random(2)
    for line in (None, 1, 7, 500, 512, 2048, 10**6):
        counts = sorted({int(draw.lognormvariate(6, 1)): draw.randrange(1, 9) for _ in range(500)}.items())
        bins = histogram(counts, line, 16)
        assert sum(each.rows for each in bins) == sum(rows for _, rows in counts)
        for each in bins:
            inside = [rows for length, rows in counts if each.above < length <= (each.to or 10**9)]
            assert each.rows == sum(inside) or each == bins[0]
        assert len(bins) <= 19
        assert line in (None, 1, 7, 10**6) or line in [each.to for each in bins]
    assert histogram([(0, 3)], None, 8) == (Bin(0, 1, 3),)
    assert histogram((), 5, 8) == ()
    assert [quantile([(1, 1), (5, 2), (9, 1)], share) for share in (0.25, 0.5, 0.76, 1)] == [1, 5, 9, 9]
