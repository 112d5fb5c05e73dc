"""The demo: built whole or not at all, and a model that mlx-lm loads."""

import json
import subprocess
from pathlib import Path

import pytest

from app.config.dialect import resolve
from app.config.document import read
from app.runs.demo import prepare_demo
from app.runs.folder import RunError
from app.wire.process import engine_command

DATA = Path(__file__).parents[2] / "app" / "engine" / "demo"


def test_several_at_once_build_one_and_a_second_time_builds_nothing(tmp_path):
    folder = tmp_path / "cache" / "demo"
    builders = [
        subprocess.Popen(engine_command("demo", str(folder)), stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = [json.loads(builder.communicate()[0]) for builder in builders]
    assert answers == [{"config": str(folder / "demo.yaml")}] * 2
    assert [path.name for path in folder.parent.iterdir()] == ["demo"]
    before = (folder / "model" / "model.safetensors").stat().st_mtime_ns
    assert prepare_demo(folder) == folder / "demo.yaml"
    assert (folder / "model" / "model.safetensors").stat().st_mtime_ns == before


def test_its_file_resolves_without_a_word(tmp_path):
    folder = prepare_demo(tmp_path / "demo").parent
    resolution = resolve(read(folder / "demo.yaml"))
    assert not resolution.problems
    assert not resolution.notices
    assert (folder / resolution.config.values["model"] / "config.json").is_file()
    assert (folder / resolution.config.values["data"] / "train.jsonl").is_file()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(RunError, match="cannot be written here"):
        prepare_demo(tmp_path / "cache" / "demo")


def test_its_rows_are_chats_in_one_style_and_no_answer_is_in_two_sets():
    answers = {}
    for name, count in {"train": 150, "valid": 20, "test": 20}.items():
        rows = [json.loads(line)["messages"] for line in (DATA / f"{name}.jsonl").read_text().splitlines()]
        assert len(rows) == count
        assert all([message["role"] for message in row] == ["user", "assistant"] for row in rows)
        answers[name] = {row[1]["content"] for row in rows}
        assert all(text.startswith("Aye. ") and text.endswith(" Mind the tide.") for text in answers[name])
    assert not answers["train"] & (answers["valid"] | answers["test"])
    assert not answers["valid"] & answers["test"]
