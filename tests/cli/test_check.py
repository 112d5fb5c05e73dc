"""`tunedeck check`: one line a finding, JSON, exit status, and a file with every fix in it."""

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path

import pytest

from app.checks import surroundings
from app.cli import check
from app.machine.memory import SystemMemory
from tests.tiny import tiny  # noqa: F401

SOUND = """\
# mine
model: model   # tiny
data: data
train: true
num_layers: 2
batch_size: 2
iters: 20
lora_parameters: {rank: 4, scale: 1.0, dropout: 0.1}
"""
ODD = """\
# mine
model: model   # tiny
data: dta
train: true
iters: 1e2   # a hundred
num_layers: 16
learning_rate: 0.5
lora_rank: 4
lora_alpha: 4
report_to: mlflow
epochs: 3
"""


@pytest.fixture(autouse=True)
def start(tmp_path, tiny, monkeypatch):  # noqa: F811
    """A folder with a model and data, on a machine of 64 GB."""
    shutil.copytree(tiny / "model", tmp_path / "model")
    shutil.copytree(tiny / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "system_memory", lambda: SystemMemory(2**36, 2**36, 0, 0))
    monkeypatch.setattr(surroundings, "missing_backend", lambda: None)
    Path("sound.yaml").write_text(SOUND)
    Path("odd.yaml").write_text(ODD)
    return tmp_path


def run(*arguments: str) -> int:
    parser = ArgumentParser()
    check.add_arguments(parser)
    return check.run(parser.parse_args(list(arguments)))


def test_a_sound_file_is_0_and_notes_are_told(capsys):
    assert run("sound.yaml") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines and all(": note: " in line for line in lines)


def test_a_line_says_where_how_grave_what_and_by_which_rule(capsys):
    assert run("odd.yaml") == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "odd.yaml:5: error: iters: This wants a whole number and is read as 100.0; write 100. [no-value]"
    )
    assert (
        "odd.yaml:6: error: num_layers 16 is more than the model's 2: use 2 or -1 for all. [layers-above-depth]"
        in lines
    )
    assert any(line.startswith("odd.yaml:3: warning: There is no folder dta here") for line in lines)
    levels = [line.split(": ")[1] for line in lines]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)


def test_warnings_alone_are_1(capsys):
    Path("sound.yaml").write_text(SOUND + "learning_rate: 0.5\n")
    assert run("sound.yaml") == 1


def test_json_holds_the_same(capsys):
    assert run("odd.yaml", "--json") == 2
    findings = json.loads(capsys.readouterr().out)["findings"]
    by_code = {finding["code"]: finding for finding in findings}
    assert set(findings[0]) == {"code", "level", "keys", "file", "line", "message", "why", "fix"}
    assert by_code["data-not-here"]["fix"] == {"label": "data data", "edits": [{"key": "data", "value": "data"}]}
    assert (by_code["flat"]["line"], by_code["flat"]["fix"]["edits"]) == (8, [])
    assert (by_code["unknown"]["line"], by_code["unknown"]["fix"]) == (11, None)


def test_fix_writes_another_file_with_every_fix_and_says_what_changed(capsys):
    assert run("odd.yaml", "--fix", "-o", "out.yaml") == 1  # of epochs nobody knows what was meant
    said = capsys.readouterr().out
    assert Path("odd.yaml").read_text() == ODD
    text = Path("out.yaml").read_text()
    assert text.startswith("# mine\nmodel: model   # tiny\ndata: data\ntrain: true\niters: 100   # a hundred\n")
    assert "report_to" not in text and "epochs: 3" in text
    assert "fixed: report to none [tracker-unknown]" in said and "  num_layers: 16 -> 2" in said
    assert "out.yaml: written." in said
    warnings = [line for line in said.splitlines() if ": warning: " in line]
    assert len(warnings) == 1 and warnings[0].startswith(
        "out.yaml:14: warning: Neither mlx-lm nor Tunedeck reads epochs"
    )


def test_fix_overwrites_nothing_unasked(capsys):
    Path("out.yaml").write_text("precious")
    assert run("odd.yaml", "--fix", "-o", "out.yaml") == 2
    assert Path("out.yaml").read_text() == "precious" and "--force" in capsys.readouterr().err
    assert run("odd.yaml", "--fix", "-o", "out.yaml", "--force") == 1
    assert run("odd.yaml", "--fix", "-o", "odd.yaml", "--force") == 1
    assert Path("odd.yaml").read_text() == Path("out.yaml").read_text()


@pytest.mark.parametrize("arguments", [["--fix"], ["-o", "out.yaml"]])
def test_fix_and_out_go_together(arguments, capsys):
    assert run("odd.yaml", *arguments) == 2
    assert "--fix and -o OUT go together" in capsys.readouterr().err and not Path("out.yaml").exists()


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [(b"", 1, "empty"), (b"iters: [", 1, "YAML"), (b"a: 1\n- b\n", 2, "YAML"), (b"\xff", 1, "UTF-8")],
)
def test_a_file_that_cannot_be_read_is_one_finding(content, line, words, capsys):
    Path("bad.yaml").write_bytes(content)
    assert run("bad.yaml", "--fix", "-o", "out.yaml") == 2
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"bad.yaml:{line}: error: ") and words in said and said.endswith("[unreadable]")
    assert not Path("out.yaml").exists()
    assert run("nowhere.yaml", "--json") == 2
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "unreadable"


def test_a_number_of_workers_makes_the_batch_checkable(capsys):
    assert run("sound.yaml", "--workers", "3") == 2
    assert "[batch-not-divisible]" in capsys.readouterr().out
    assert run("sound.yaml", "--workers", "2") == 0


def test_hostile_names_are_shown_and_do_nothing(capsys):
    Path("sound.yaml").write_text(SOUND.replace("data: data", 'data: "\\e[2J[red]dta"'))
    run("sound.yaml")
    assert "\x1b" not in capsys.readouterr().out
