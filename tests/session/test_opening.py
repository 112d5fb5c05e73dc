"""What the app opens with: a file, the run that still goes on, or neither."""

import os
from pathlib import Path

import pytest

from app.config.document import ConfigError
from app.runs.folder import create_run
from app.session.opening import open_session
from app.wire.files import write_json
from app.wire.process import identity


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.yaml"
    path.write_text("model: m\niters: 7\n")
    return path


@pytest.fixture
def begun(tmp_path):
    """A run of a file, alive as this process is, or long gone."""

    def begin(source, alive=True, name="one"):
        run = create_run(tmp_path / "runs", {"model": name, "train": True}, b"iters: 3\n", source, tmp_path)
        pid = os.getpid() if alive else 2**22 + 1
        write_json(run.trainer, {"pid": pid, "identity": identity(os.getpid())})
        return run

    return begin


def test_nothing_opens_an_empty_session(tmp_path, file):
    opened = open_session(None, tmp_path / "runs", None)
    assert opened.watched is None and opened.session.snapshot.path is None and not opened.session.snapshot.dirty


def test_a_file_opens_as_it_was_named(tmp_path, file):
    opened = open_session(Path("train.yaml"), tmp_path / "runs", None)
    assert opened.watched is None
    assert opened.session.snapshot.path == Path("train.yaml")
    assert opened.session.snapshot.config.values["iters"] == 7


@pytest.mark.parametrize(("name", "content"), [("nothing.yaml", None), ("odd.yaml", "- a\n"), ("folder", None)])
def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path, file, name, content):
    (tmp_path / "folder").mkdir()
    if content:
        (tmp_path / name).write_text(content)
    with pytest.raises(ConfigError, match=name):
        open_session(tmp_path / name, tmp_path / "runs", None)


def test_a_run_of_the_file_that_still_goes_on_is_watched(tmp_path, file, begun):
    run = begun(file)
    opened = open_session(Path("train.yaml"), tmp_path / "runs", None)
    assert opened.watched.folder == run
    assert opened.session.snapshot.path == Path("train.yaml")


def test_a_run_of_another_file_or_one_that_has_ended_is_not(tmp_path, file, begun):
    begun(tmp_path / "other.yaml")
    begun(file, alive=False)
    assert open_session(file, tmp_path / "runs", None).watched is None


def test_without_a_file_the_run_that_goes_on_brings_its_own(tmp_path, file, begun):
    begun(file, alive=False)
    run = begun(file)
    opened = open_session(None, tmp_path / "runs", None)
    assert opened.watched.folder == run
    assert opened.session.snapshot.path == file and opened.session.snapshot.config.values["iters"] == 7


def test_a_run_whose_file_is_gone_brings_its_copy(tmp_path, file, begun):
    run = begun(tmp_path / "gone.yaml")
    opened = open_session(None, tmp_path / "runs", None)
    assert opened.session.snapshot.path == run.config and opened.session.snapshot.config.values["iters"] == 3


def test_the_run_that_was_asked_for_is_watched_however_it_fares(tmp_path, file, begun):
    live, past = begun(file), begun(file, alive=False)
    assert open_session(file, tmp_path / "runs", past).watched.folder == past
    assert open_session(None, tmp_path / "runs", past).session.snapshot.path == file
    assert open_session(file, tmp_path / "runs", None).watched.folder == live


def test_a_run_without_any_file_opens_all_the_same(tmp_path, file, begun):
    run = begun(tmp_path / "gone.yaml")
    run.config.unlink()
    opened = open_session(None, tmp_path / "runs", None)
    assert opened.watched.folder == run and opened.session.snapshot.path is None


def test_a_run_is_watched_whatever_has_become_of_its_file(tmp_path):
    source = tmp_path / "train.yaml"
    source.write_text("iters: [3\n")
    run = create_run(tmp_path / "runs", {"model": "m", "train": True}, b"iters: 3\n", source, tmp_path)
    opened = open_session(source, tmp_path / "runs", run)
    assert opened.watched.folder == run
    assert opened.session.snapshot.path == run.config
    run.config.write_bytes(b"")
    opened = open_session(source, tmp_path / "runs", run)
    assert opened.watched.folder == run
    assert opened.session.snapshot.path is None
