"""The list of files opened lately."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from app.session.recent import LIMIT, recent_files, remember


def paths(folder):
    return [recent.path.name for recent in recent_files(folder)]


def test_newest_first_once_each_and_at_most_twenty(tmp_path):
    assert recent_files(tmp_path / "nothing") == ()
    for number in range(LIMIT + 5):
        remember(tmp_path, Path(f"/configs/{number}.yaml"))
    remember(tmp_path, Path("/configs/20.yaml"))
    assert paths(tmp_path) == ["20.yaml", *(f"{n}.yaml" for n in range(24, 4, -1) if n != 20)]
    assert len(recent_files(tmp_path)) == LIMIT


def test_an_entry_tells_when_and_whether_it_is_still_there(tmp_path):
    there = tmp_path / "there.yaml"
    there.touch()
    before = time.time()
    remember(tmp_path / "state", tmp_path / "gone.yaml")
    remember(tmp_path / "state", there)
    newest, older = recent_files(tmp_path / "state")
    assert (newest.path, newest.exists) == (there, True)
    assert (older.path.name, older.exists) == ("gone.yaml", False)
    assert before <= older.opened <= newest.opened <= time.time()


def test_paths_are_absolute_and_links_keep_their_names(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "sub").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "sub")
    monkeypatch.chdir(tmp_path)
    remember(tmp_path, Path("a.yaml"))
    remember(tmp_path, Path("link/b.yaml"))
    remember(tmp_path, Path("link/../c.yaml"))
    found = [recent.path for recent in recent_files(tmp_path)]
    assert found == [tmp_path / "real" / "c.yaml", tmp_path / "link" / "b.yaml", tmp_path / "a.yaml"]


def test_a_name_that_is_no_text_survives(tmp_path):
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\n.yaml"))
    odd.touch()
    remember(tmp_path, odd)
    assert [(recent.path, recent.exists) for recent in recent_files(tmp_path)] == [(odd, True)]


def test_damaged_entries_are_passed_over_and_foreign_names_stay(tmp_path):
    entries = [{"path": "/a.yaml", "opened": 1.5}, {"path": 5, "opened": 1}, {"path": "b", "opened": 1}, "c", None,
               {"path": "/x\0", "opened": 2}, {"path": "/d", "opened": True},
               {"path": "/e", "opened": 10**400}]  # fmt: skip
    file = tmp_path / "recent.json"
    file.write_text(json.dumps({"files": entries, "later": 1}))
    assert [(recent.path, recent.opened, recent.exists) for recent in recent_files(tmp_path)] == [
        (Path("/a.yaml"), 1.5, False), (Path("/x\0"), 2.0, False),
    ]  # fmt: skip
    remember(tmp_path, Path("/new.yaml"))
    assert json.loads(file.read_text())["later"] == 1 and paths(tmp_path)[0] == "new.yaml"
    file.write_text('{"files": ')
    assert recent_files(tmp_path) == ()
    remember(tmp_path, Path("/new.yaml"))
    assert paths(tmp_path) == ["new.yaml"]


def test_apps_that_write_at_once_lose_nothing(tmp_path):
    code = "import sys; from pathlib import Path; from app.session.recent import remember\n"
    code += "for n in range(4): remember(Path(sys.argv[1]), Path(f'/{sys.argv[2]}-{n}.yaml'))"
    apps = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abcde"]
    assert [app.wait() for app in apps] == [0] * 5
    assert sorted(paths(tmp_path)) == sorted(f"{name}-{n}.yaml" for name in "abcde" for n in range(4))
