"""`tunedeck resolve` and `tunedeck convert`: what they print, and their exit status."""

import json
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType

import pytest

from app.cli import convert, resolve
from app.config.document import read

REFERENCE = Path(__file__).parents[1] / "config" / "fixtures" / "reference.yaml"


def _run(command: ModuleType, *arguments: object) -> int:
    parser = ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(list(map(str, arguments)))))


def test_resolve_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(resolve, REFERENCE, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["config"]["lora_parameters"] == {"rank": 8, "scale": 1.0, "dropout": 0.1}
    assert told["config"]["fine_tune_type"] == "lora" and "lora_rank" not in told["config"]
    assert told["origin"]["lora_parameters.scale"] == "file" and told["origin"]["val_batches"] == "default"
    assert told["stock_differs"] == [
        {"key": "lora_parameters.scale", "ours": 1.0, "stock": 20.0},
        {"key": "lora_parameters.dropout", "ours": 0.1, "stock": 0.0},
    ]
    assert [notice["code"] for notice in told["notices"]] == ["flat"] and told["problems"] == []


def test_resolve_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(resolve, REFERENCE) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("  ")}
    assert rows["lora_parameters.scale"] == ["1.0", "file", "mlx-lm:", "20.0"]
    assert rows["lora_parameters.rank"] == ["8", "file"] and rows["seed"] == ["42", "file"]
    assert lines[-1].startswith("warning: mlx-lm ignores lora_rank") and lines[-1].endswith("(line 18)")


@pytest.mark.parametrize(
    ("value", "theirs"),
    [
        ("q_proj", "q_proj"),
        ("[a, 1]", "[a, 1]"),
        ("{a: 1}", "{a: 1}"),
        ("2024-01-02", "2024-01-02"),
        ("true", "true"),
        ('"5"', "'5'"),
    ],
)
def test_whatever_mlx_lm_would_take_is_shown_in_one_piece(
    value: str, theirs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "train.yaml"
    path.write_text(f"lora_parameters: {{rank: 4, scale: 2.0, dropout: 0.0, keys: {value}}}\n")
    assert _run(resolve, path) == 2
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  lora_parameters.keys")]
    assert row.endswith(f"  mlx-lm: {theirs}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('learning_rate: "1e-5"\n', ":1: learning_rate: This wants a number"),
        ("- a\n", ":1: The file holds a list"),
        ("", ": The file is empty"),
        ("seed: [\n", ":2: This is not valid YAML"),
    ],
)
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_resolve_says_what_cannot_be_used(
    text: str, words: str, flags: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "train.yaml"
    path.write_text(text)
    assert _run(resolve, path, *flags) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1 and words in errors[0]


def test_resolve_prints_no_escape_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.yaml"
    path.write_text('model: "[red]\\e[2J\\u202e"\n"\\e]0;x\\a": 1\nlora_rank: "\\e[2J"\n')
    assert _run(resolve, path) == 2
    shown = capsys.readouterr()
    assert r"[red]\x1b[2J\u202e" in shown.out and r"\x1b]0;x\x07" in shown.out
    assert all(line.isprintable() for line in (shown.out + shown.err).splitlines())


def test_convert_writes_and_does_not_overwrite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "native.yaml"
    assert _run(convert, REFERENCE, out) == 0
    assert read(out).data["lora_parameters"] == {"rank": 8, "scale": 1.0, "dropout": 0.1}
    assert "lora_rank" not in read(out).data
    assert _run(convert, REFERENCE, out, "--to", "flat") == 2
    assert "--force" in capsys.readouterr().err and "lora_rank" not in read(out).data
    assert _run(convert, REFERENCE, out, "--to", "flat", "--force") == 0
    assert read(out).data["lora_alpha"] == 8 and read(out).data["lora_parameters"]["scale"] == 1.0


def test_convert_refuses_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    for text in ("iters: 1e3\n", "a: [\n", "learning_rate: &a 1\nx: *a\nlora_rank: &b 2\ny: *b\n"):
        bad.write_text(text)
        status = _run(convert, bad, tmp_path / "out.yaml")
        error = capsys.readouterr().err
        assert status == 2 and str(bad) in error and error.count("\n") == 1
        assert not (tmp_path / "out.yaml").exists()
