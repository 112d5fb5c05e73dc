"""What a dragged or pasted path means."""

import time
from pathlib import Path

import pytest

from app.session.dropped import dropped


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with one thing of each kind, under names that need quoting."""
    files = ["my configs/it's (new) #1.yaml", "plain.yml", "chat rows/train.jsonl", "chat rows/valid.jsonl",
             "raw/poems.jsonl", "test only/test.jsonl", "Qwen 3/config.json", "run/config.yaml", "run/events.jsonl",
             "notes.txt"]  # fmt: skip
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


YAML = "my configs/it's (new) #1.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "{home}/my\\ configs/it\\'s\\ \\(new\\)\\ \\#1.yaml ",
        "'{home}/my configs/it'\\''s (new) #1.yaml' ",
        '"{home}/my configs/it\'s (new) #1.yaml"\n',
        "file://{home}/my%20configs/it's%20(new)%20%231.yaml\r\n",
        "FILE://localhost{home}/my%20configs/it%27s%20(new)%20%231.yaml",
        "'file://{home}/my%20configs/it%27s%20(new)%20%231.yaml'",
        "file://{home}/my%20configs/it%27s%20(new)%20%231.yaml file://{home}/notes.txt",
        "{home}/my\\ configs/it\\'s\\ \\(new\\)\\ \\#1.yaml {home}/notes.txt {home}/plain.yml",
        "{home}/my configs/it's (new) #1.yaml",
        "  ~/my configs/it's (new) #1.yaml\n",
        "~/my\\ configs/it\\'s\\ \\(new\\)\\ \\#1.yaml\n",
        "my configs/it's (new) #1.yaml\n",
    ],
)
def test_a_file_as_terminals_paste_it(home, text):
    found = dropped(text.replace("{home}", str(home)))
    assert (found.kind, found.path, found.note) == ("config", home / YAML, "")


@pytest.mark.parametrize(
    ("name", "kind", "path", "noted"),
    [
        ("plain.yml", "config", "plain.yml", ""),
        ("chat rows", "data", "chat rows", ""),
        ("chat rows/train.jsonl", "data", "chat rows", ""),
        ("chat rows/valid.jsonl", "data", "chat rows", ""),
        ("test only/", "data", "test only", ""),
        ("raw/poems.jsonl", "data", "raw", "poems.jsonl"),
        ("raw", "data", "raw", "poems.jsonl"),
        ("Qwen 3", "model", "Qwen 3", ""),
        ("run", "config", "run/config.yaml", ""),
        ("run/config.yaml", "config", "run/config.yaml", ""),
        ("notes.txt", "other", "notes.txt", ""),
        ("empty", "other", "empty", ""),
        ("nowhere.yaml", "missing", "nowhere.yaml", ""),
    ],
)
def test_kinds(home, name, kind, path, noted):
    found = dropped(str(home / name))
    assert (found.kind, found.path) == (kind, home / path)
    assert noted in found.note and bool(noted) == bool(found.note)


def test_a_mark_that_begins_a_comment_in_a_shell_is_part_of_a_name(home):
    (home / "run#2.yaml").touch()
    assert dropped(f"{home}/run#2.yaml {home}/notes.txt").path == home / "run#2.yaml"


def test_bytes_that_are_no_text(home):
    (home / "odd\udcff.yaml").touch()
    assert dropped(f"file://{home}/odd%FF.yaml").path == home / "odd\udcff.yaml"


@pytest.mark.parametrize("text", ["", "  \n\t", "\r\n"])
def test_blank_text_is_nothing(text):
    assert dropped(text) is None


@pytest.mark.parametrize(
    "text",
    ["1e-5", "a\0b", "'", '"""', "\\", "~nobody-of-that-name/x", "file://", "file://host-only", "file:///x%00y",
     "http://[", "file://[", "x" * 5000, "/" + "y/" * 3000, "\x1b[31m", "multi\nline\ntext", "a 'b"],
)  # fmt: skip
def test_any_other_text_is_a_missing_file(home, text):
    assert dropped(text).kind == "missing"


def test_a_huge_paste_is_no_burden(home):
    began = time.perf_counter()
    assert dropped("'" + "x y " * 1_000_000).kind == "missing"
    assert time.perf_counter() - began < 0.2


def test_looks_at_names_alone(home):
    for path in (home / "chat rows" / "train.jsonl", home / "Qwen 3" / "config.json"):
        path.chmod(0)
    assert dropped(str(home / "chat rows")).kind == "data"
    assert dropped(str(home / "Qwen 3")).kind == "model"
    assert dropped("/proc/self/mem").kind in ("other", "missing")
    assert dropped(str(Path("/"))).kind == "other"
