"""What the house rules promise of a fresh process; the arrows between rooms are import-linter's to hold."""

import subprocess
import sys

import pytest

HEAVY = ("mlx", "mlx_lm", "transformers", "tokenizers", "datasets", "numpy")


def loaded_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.splitlines()}


@pytest.mark.parametrize(
    "statement",
    [
        "import app.ui.app, app.ui.start",
        "import app.ui.screens.group, app.session.store",
        "import app.__main__, app.cli.train, app.cli.runs, app.cli.demo, app.cli.resolve, app.cli.convert",
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


def test_the_chart_is_what_brings_numpy():
    assert "numpy" in loaded_after("import app.ui.screens.train")


def test_commands_load_no_screen():
    assert "textual" not in loaded_after("import app.cli.train, app.cli.attach, app.cli.demo, app.cli.edit")
