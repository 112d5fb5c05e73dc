"""A row is shown as mlx-lm's own dataset classes tokenize it, token by token, from anywhere in a large file."""

import json
import os
import signal
from types import SimpleNamespace

import pytest
from mlx_lm.tuner.datasets import create_dataset
from mlx_lm.tuner.trainer import iterate_batches
from mlx_lm.utils import load_tokenizer

from app.data import scan_file
from app.data.row_format import row_format
from app.data.row_view import RowLens, read_line
from app.data.scan import scan
from tests.tiny import tiny  # noqa: F401

HOSTILE = "\x1b[31m[bold]é 👩‍🚀 日本 \u202e\t <|end|> & 'x'\r\n"
ROWS = [
    {"messages": [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "A model."}]},
    {"messages": [{"role": "user", "content": HOSTILE}, {"role": "assistant", "content": "  spaces  " + HOSTILE}]},
    {"messages": [{"role": "system", "content": ""}, {"role": "assistant", "content": "word " * 60}]},
]


@pytest.fixture(scope="module")
def lens(tiny):  # noqa: F811
    found = RowLens(tiny)
    yield found
    found.close()


def scanned(folder, *lines):
    path = folder / "train.jsonl"
    path.write_bytes(b"".join(line.encode(errors="surrogatepass") + b"\n" for line in lines))
    return scan({"train": path}, row_format({}), lambda done: None).train


@pytest.mark.parametrize("mask_prompt", [True, False])
def test_tokens_and_marks_are_those_of_mlx_lm(tiny, lens, tmp_path, mask_prompt):  # noqa: F811
    file = scanned(tmp_path, *map(json.dumps, ROWS))
    config = {"model": "model", "mask_prompt": mask_prompt, "max_seq_length": 40}
    tokenizer = load_tokenizer(tiny / "model")
    dataset = create_dataset(ROWS, tokenizer, SimpleNamespace(mask_prompt=mask_prompt))
    for line, row in enumerate(ROWS, start=1):
        view = lens.view(file, line, config)
        tokens, prompt = dataset.process(row)
        assert [token.id for token in view.tokens] == tokens
        assert (view.length, view.prompt) == (len(tokens), prompt)
        assert "".join(token.text for token in view.tokens) == tokenizer.decode(tokens)
        ((_, spans),) = iterate_batches([(tokens, prompt)], 1, 40)
        begin, end = spans.tolist()[0]
        # the steps of `default_loss`: each predicts the token that has its number
        trained = [at for at in range(len(tokens)) if at >= 1 and begin <= at < end]
        assert [at for at, token in enumerate(view.tokens) if token.is_trained] == trained
        assert [at for at, token in enumerate(view.tokens) if token.is_cut] == list(range(40, len(tokens)))
        special = {token.text for token in view.tokens if token.is_special}
        assert special >= {"<|assistant|>", "<|end|>"} and all(text.startswith("<|") for text in special)


def test_pairs_and_text_are_shown_by_the_keys_of_the_configuration(lens, tmp_path):
    pair = scanned(tmp_path, '{"q": "hi", "a": "ho"}')
    view = lens.view(pair, 1, {"model": "model", "prompt_feature": "q", "completion_feature": "a"})
    assert "".join(token.text for token in view.tokens) == "<|user|>hi<|end|><|assistant|>ho<|end|>"
    text = scanned(tmp_path, '{"text": "plain"}')
    view = lens.view(text, 1, {"model": "model", "mask_prompt": True})
    assert [token.text for token in view.tokens][-1] == "<|end|>" and view.prompt == 0


def test_a_row_that_cannot_be_shown_is_a_sentence(lens, tmp_path):
    rows = ['{"text": "a"}', '{"text": 5}', '{"text": "\\ud800"}', "{", '{"note": "a"}', "\ud800", "[" * 99_999]
    file = scanned(tmp_path, *rows)
    config = {"model": "model"}
    words = [lens.view(file, line, config) for line in range(2, 9)]
    expected = ["fails at this row", "fails at this row", "no JSON", "KeyError", "not UTF-8", "no JSON", "no row 8"]
    for sentence, part in zip(words, expected, strict=True):
        assert part in sentence and "\n" not in sentence and "train.jsonl" in sentence
    assert "neither a folder" in lens.view(file, 1, {"model": "no/such/model"})
    assert lens.view(file, 1, config).length > 0
    file.path.unlink()
    assert "cannot be read" in lens.view(file, 1, config)


def test_a_process_that_died_is_a_sentence_and_the_next_answers(lens, tmp_path):
    file = scanned(tmp_path, '{"text": "a"}')
    assert lens.view(file, 1, {"model": "model"}).length == 2
    process = lens._process
    process.send_signal(signal.SIGSTOP)  # so that it cannot answer before it is dead
    ask = lens._running
    lens._running = lambda: (os.kill(process.pid, signal.SIGKILL), process)[1]
    try:
        assert "ended before its time" in lens.view(file, 1, {"model": "model"})
    finally:
        lens._running = ask
    assert lens.view(file, 1, {"model": "model"}).length == 2


def test_a_row_is_found_without_reading_what_is_before_it(tmp_path, monkeypatch):
    monkeypatch.setattr(scan_file, "PIECE", 1000)
    rows = [json.dumps({"text": "x" * (number % 90)}) for number in range(1, 2000)]
    file = scanned(tmp_path, *rows)
    assert len(file.places) > 50
    content = bytearray(file.path.read_bytes())
    for line in (1, 2, 999, 1999):
        assert read_line(file, line) == rows[line - 1].encode()
    content[:90_000] = b"\n" * 90_000
    file.path.write_bytes(content)
    assert read_line(file, 1999) == rows[-1].encode()
    assert "no row 0" in read_line(file, 0)
    file.path.write_bytes(content[:100_000])
    assert "changed on disk" in read_line(file, 1999)
