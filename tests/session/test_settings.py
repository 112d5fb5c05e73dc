"""What the app remembers between starts."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.session.settings import Settings, load_settings, save_settings
from app.session.state_file import state_folder

CHOSEN = Settings("nord", "train", "lora", {"side_panel": True, "log_scale": False, "width": 30, "sort": "newest"})


def test_what_is_saved_is_there_at_the_next_start(tmp_path):
    folder = tmp_path / "not" / "yet" / "there"
    assert load_settings(folder) == Settings()
    save_settings(folder, CHOSEN)
    assert load_settings(folder) == CHOSEN
    assert [path.name for path in folder.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe\x00", b'{"theme": 5, "screen": null, "group": [], "window": "wide"}',
     b'{"window": {"a": 1.5, "b": null, "c": []}}', b"[" * 100_000, b'{"theme": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_a_damaged_or_foreign_file_is_as_none_and_is_replaced(tmp_path, content):
    (tmp_path / "settings.json").write_bytes(content)
    assert load_settings(tmp_path) == Settings()
    save_settings(tmp_path, CHOSEN)
    assert load_settings(tmp_path) == CHOSEN


def test_names_of_another_version_stay(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text('{"theme": "x", "later": {"deep": ["\\ud800"]}, "window": {"new_panel": true, "odd": null}}')
    save_settings(tmp_path, CHOSEN)
    kept = json.loads(file.read_bytes())
    assert kept["later"] == {"deep": ["\ud800"]}
    assert kept["window"]["new_panel"] is True and kept["window"]["odd"] is None
    assert load_settings(tmp_path).window == CHOSEN.window | {"new_panel": True}


def test_where_nothing_can_be_written_nothing_is_said(tmp_path):
    (tmp_path / "file").touch()
    save_settings(tmp_path / "file" / "below", CHOSEN)
    (tmp_path / "settings.json").mkdir()
    save_settings(tmp_path, CHOSEN)
    assert load_settings(tmp_path) == Settings()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "settings.json"]


def test_many_writers_leave_a_whole_file(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: save_settings(tmp_path, Settings(theme=f"{at}" * 2000)), range(40)))
    theme = load_settings(tmp_path).theme
    assert theme is not None and len(set(theme)) <= 2 and len(theme) >= 2000


def test_the_folder_is_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert state_folder() == tmp_path / "tunedeck"
    assert state_folder().name == "tunedeck"


def test_loading_costs_no_heavy_import():
    code = "import app.session.settings, app.session.recent, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"yaml", "psutil", "platformdirs", "subprocess", "textual"} & set(loaded)
