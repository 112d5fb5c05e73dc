"""Which editor opens a file."""

from pathlib import Path

import pytest

from app.session.editor import editor_command


@pytest.fixture
def tools(tmp_path):
    """A PATH on which the programs named are installed."""

    def install(*names):
        for name in names:
            (tmp_path / name).write_text("#!/bin/sh\n")
            (tmp_path / name).chmod(0o755)
        return {"PATH": str(tmp_path)}

    return install


FILE = Path("/configs/a b.yaml")


@pytest.mark.parametrize(
    ("variables", "command"),
    [
        ({"VISUAL": "code --wait", "EDITOR": "vim"}, ["code", "--wait"]),
        ({"VISUAL": "", "EDITOR": "'my editor' -n"}, ["my editor", "-n"]),
        ({"EDITOR": "emacs"}, ["nano"]),
        ({"EDITOR": "vim 'unbalanced"}, ["nano"]),
        ({"VISUAL": "  ", "EDITOR": "vim"}, ["vim"]),
        ({}, ["nano"]),
    ],
)
def test_the_persons_choice_goes_before_the_usual_ones(tools, variables, command):
    environ = tools("code", "my editor", "nano", "vim", "vi") | variables
    assert editor_command(environ, FILE) == [*command, "/configs/a b.yaml"]


def test_the_first_that_is_installed_or_none(tools, tmp_path):
    assert editor_command({"PATH": str(tmp_path)}, FILE) is None
    assert editor_command(tools("vi"), FILE) == ["vi", str(FILE)]
    assert editor_command(tools("vim"), FILE) == ["vim", str(FILE)]


def test_a_name_with_a_dash_is_no_option(tools, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert editor_command(tools("vi"), Path("-c.yaml")) == ["vi", str(tmp_path / "-c.yaml")]
