import pytest

from app.session import watch
from tests.ui.apps import MEMORY


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A start directory of its own, and a machine whose memory stands still."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watch, "system_memory", lambda: MEMORY)
    return tmp_path
