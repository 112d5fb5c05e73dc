"""`tunedeck data`: what it says of real files and a real tokenizer, at 80 columns, and its exit status."""

import json
import shutil

import pytest
from mlx_lm.utils import load_tokenizer

from app.cli import data
from tests.cli.memory_files import file, kept, rewrite, run, told  # noqa: F401
from tests.tiny import tiny  # noqa: F401

HOSTILE = "\x1b[2J[bold]\u202e⟦<|end|>⟧"


def write(path, *rows):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows))
    return path


def text_of(capsys, *arguments):
    """Its exit status and what it prints, which fits a terminal and does nothing to it."""
    capsys.readouterr()
    status = run(data, *arguments)
    out = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines() if "/" not in line), out
    assert not set(out) & set("\x1b\u202e\r")
    return status, out


def test_a_configuration_says_which_model_fields_and_lengths_count(tiny, file, capsys):  # noqa: F811
    rewrite(file, max_seq_length=80, batch_size=4, mask_prompt=True)
    status, found = told(data, capsys, file)
    rows = [json.loads(line)["messages"] for line in (tiny / "data" / "train.jsonl").read_text().splitlines()]
    tokenizer = load_tokenizer(tiny / "model")
    lengths = [len(tokenizer.apply_chat_template(messages)) for messages in rows]
    train = found["tokens"]["train"]
    assert status == 0 and found["files"][0] | {"format": "chat", "rows": 150} == found["files"][0]
    assert (train["tokens"], train["longest"]) == (sum(lengths), max(lengths))
    assert train["cut_rows"] == sum(length > 80 for length in lengths)
    assert (train["rows_never_trained"], train["padding_waste_is_exact"]) == (2, True)
    assert train["tokens_per_epoch"] == sum(min(80, length) for length in lengths[:148])
    assert 0 < train["trained_tokens_per_epoch"] < train["tokens_per_epoch"]
    assert sum(rows for _, rows in found["tokens"]["valid"]["lengths"]) == 20

    status, out = text_of(capsys, file)
    assert status == 0 and "── max_seq_length 80 ─" in out and "of them trained" in out
    status, out = text_of(capsys, file, "--row", 3)
    assert status == 0 and "masked  │ ⟦<|" in out and "trained │ " in out


def test_without_a_model_it_estimates_in_characters_and_says_so(tiny, file, capsys):  # noqa: F811
    status, out = text_of(capsys, tiny / "data")
    assert status == 0 and "an estimate" in out and "name one with --model" in out
    _, found = told(data, capsys, tiny / "data", "--model", "no/such-model")
    assert found["tokens"] is None and "not on this computer" in found["note"]


def test_odd_rows_are_named_by_file_and_line(tiny, file, tmp_path, capsys):  # noqa: F811
    rows = write(tmp_path / "odd" / "train.jsonl", {"text": HOSTILE}, {"messages": []}, b"", {"text": HOSTILE}, b"\xff")
    write(tmp_path / "odd" / "valid.jsonl", {"text": HOSTILE})
    status, out = text_of(capsys, tmp_path / "odd")
    assert status == 1
    for words in ("train.jsonl:2: it has messages", "train.jsonl:3: it is blank", "train.jsonl:5: it is not UTF-8"):
        assert words in out
    assert "train.jsonl:4 is train.jsonl:1" in out and "valid.jsonl:1 is train.jsonl:1" in out
    status, out = text_of(capsys, rows, "--model", tiny / "model", "--row", 4)
    assert status == 0 and "[2J[bold]\\u202e\\u27e6⟦<|end|>⟧\\u27e7" in out
    status, found = told(data, capsys, rows, "--model", tiny / "model", "--row", 4)
    pieces = "".join(token["text"] for token in found["tokens"])
    assert status == 0 and pieces == HOSTILE + "<|end|>"


def test_one_file_may_be_looked_at(tiny, file, capsys):  # noqa: F811
    _, found = told(data, capsys, tiny / "data" / "valid.jsonl", "--model", tiny / "model")
    assert [each["rows"] for each in found["files"]] == [20]
    assert sum(rows for _, rows in found["tokens"]["train"]["lengths"]) == 20


def test_a_file_that_nothing_can_be_made_of_is_unusable(file, tmp_path, capsys):  # noqa: F811
    write(tmp_path / "none" / "train.jsonl", {"question": "a"})
    status, found = told(data, capsys, tmp_path / "none")
    assert (status, found["files"][0]["odd"][0]["code"]) == (2, "unknown-format")


def test_what_cannot_be_asked_is_a_sentence(tiny, file, tmp_path, capsys):  # noqa: F811
    asked = [
        (("nowhere",), "nowhere"),
        ((tmp_path,), "has no train.jsonl"),
        ((rewrite(file, data="org/name"),), "no folder here"),
        ((tiny / "data", "--row", 151, "--model", tiny / "model"), "has no row 151"),
        ((tiny / "data", "--row", 1), "name the model"),
        ((tiny / "data", "--split", "10%"), "-o OUT"),
        ((tiny / "data", "--split", "10%", "-o", tmp_path / "new"), "has a valid.jsonl already"),
    ]
    for arguments, words in asked:
        status, found = told(data, capsys, *arguments)
        assert status == 2 and words in found["error"], found
        assert run(data, *arguments) == 2
        assert words in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(data, tiny / "data", "--split", "a tenth")


def test_a_split_can_be_trained_on_at_once(tiny, file, tmp_path, capsys):  # noqa: F811
    (tmp_path / "all").mkdir()
    shutil.copy(tiny / "data" / "train.jsonl", tmp_path / "all")
    status, out = text_of(capsys, tmp_path / "all", "--split", "10%,2%", "--seed", 5, "-o", "out")
    assert status == 0 and "132 rows to train, 15 to validate, 3 to test" in out
    _, found = told(data, capsys, tmp_path / "out")
    assert [each["rows"] for each in found["files"]] == [132, 15, 3]
    assert found["valid_in_train"]["count"] == 0
