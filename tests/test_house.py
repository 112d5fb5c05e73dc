"""What the house rules promise of a fresh process; the arrows between rooms are import-linter's to hold."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.dispatch import COMMANDS

HEAVY = ("mlx", "mlx_lm", "transformers", "tokenizers", "datasets", "huggingface_hub", "numpy")

LATER = ("yaml", "psutil", "urllib.request", "importlib.metadata", "app.session.store", "app.session.snapshot")
"""What the first frame does not wait for, however it is imported: the file is read behind it."""

FIRST_FRAME = """
import asyncio, sys
from pathlib import Path
from app.ui.app import TunedeckApp

def painted(app):
    print("\\n".join(sys.modules))
    app.exit()

async def paint():
    TunedeckApp._open = painted
    app = TunedeckApp(None, Path("runs"), Path("train.yaml"), sys.argv[1])
    async with app.run_test(size=(120, 36)) as pilot:
        while not app._exit:
            await pilot.pause(0.01)

asyncio.run(paint())
"""
"""The app in place of whose reading of the file the modules are listed that are loaded by then."""


def loaded_after(program: str) -> set[str]:
    """Names of all modules that a fresh process has loaded once it has run `program`."""
    return lines_of(f"{program}\nimport sys; print('\\n'.join(sys.modules))")


def lines_of(program: str, *arguments: str) -> set[str]:
    command = [sys.executable, "-c", program, *arguments]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())


@pytest.mark.parametrize(
    "statement",
    [
        "import app.ui.app, app.ui.start, app.ui.palette, app.ui.actions",
        "import app.ui.screens.form, app.ui.screens.start, app.ui.screens.presets, app.ui.screens.review",
        "import app.session.store, app.session.opening, app.session.facts, app.session.reviewing, app.ui.late_facts",
        f"import app.__main__, {', '.join(f'app.cli.{command}' for command in ('edit', *COMMANDS))}",
    ],
)
def test_screens_and_commands_load_nothing_heavy(statement):
    assert not loaded_after(statement).intersection(HEAVY)


def test_help_loads_nothing_heavy_and_no_screen():
    program = (
        "import sys\nsys.argv = ['tunedeck', '--help']\n"
        "from app.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
    )
    assert not loaded_after(program).intersection((*HEAVY, "textual"))


def test_the_screens_need_neither_yaml_nor_a_session_to_be_imported():
    screens = "app.ui.screens.form, app.ui.screens.start, app.ui.screens.presets, app.ui.screens.review"
    loaded = loaded_after(f"import app.ui.start, {screens}")
    assert "app.ui.widgets.form_body" in loaded
    assert not loaded.intersection(LATER)


@pytest.mark.parametrize("place", ["core", "start", "presets", "review"])
def test_the_first_frame_waits_for_neither_yaml_nor_the_session(place):
    """Everything that painting it imports, inside functions too; FormScreen's editors come with the first field."""
    loaded = lines_of(FIRST_FRAME, place)
    assert "textual.app" in loaded
    assert not loaded.intersection((*LATER, *HEAVY, "app.ui.widgets.line_input", "textual.widgets._text_area"))


def test_the_chart_is_what_brings_numpy():
    assert "numpy" in loaded_after("import app.ui.screens.train")


def test_commands_load_no_screen():
    commands = ", ".join(f"app.cli.{command}" for command in ("edit", *COMMANDS))
    assert "textual" not in loaded_after(f"import {commands}")


def test_every_command_has_its_file():
    cli = Path(__file__).parents[1] / "app" / "cli"
    assert all((cli / f"{command}.py").exists() for command in COMMANDS)
