"""The app follows its terminal's size, also while it draws a live run, and survives any."""

import pytest

from app.config.groups import GROUPS
from app.config.registry import in_group
from tests.e2e.job import ENDLESS, curve_cells, iteration_shown, job
from tests.terminal import CTRL, ENTER, open_terminal, workplace  # noqa: F401
from tests.tiny import start, tiny, tiny_config  # noqa: F401


def advances(deck, least: int = 3) -> str:
    """The screen once the run has visibly moved on from what it shows now."""
    now = iteration_shown(deck.text())
    return deck.wait_until(lambda screen: iteration_shown(screen) > now + least, f"more than iteration {now}")


def rightmost(screen: str) -> int:
    return max(len(line) for line in screen.splitlines())


@pytest.mark.slow
def test_a_live_run_is_drawn_anew_for_each_size(workplace, open_terminal, tiny):  # noqa: F811
    workplace.runs_dir.mkdir()
    start(workplace.runs_dir, tiny_config(tiny, workplace.folder / "adapters", iters=ENDLESS))
    deck = open_terminal("attach", columns=80, lines=24)
    deck.wait_until(lambda screen: iteration_shown(screen) > 3, "the curve", 40)
    small = curve_cells(advances(deck))

    deck.resize(160, 45)
    deck.wait_until(lambda screen: rightmost(screen) > 140, "the whole width in use")
    assert curve_cells(advances(deck)) > small

    deck.resize(40, 12)
    deck.wait_until(lambda screen: "^q" in screen.splitlines()[-1], "a footer on the last of 12 lines")
    before = deck.text()
    deck.wait_until(lambda screen: screen != before and "iteration" in screen, "figures that move")

    deck.resize(80, 24)
    deck.wait_until(lambda screen: "^x Stop" in screen.splitlines()[-1], "a footer on the last of 24 lines")
    assert "tokens/s" in advances(deck)

    deck.send(CTRL["q"])
    deck.wait_for("A run goes on")
    deck.send(ENTER)
    assert deck.wait_for_exit() == 0
    deck.assert_restored()


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 12)])
def test_every_form_fits(workplace, open_terminal, tiny, columns, lines):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", columns=columns, lines=lines)
    deck.wait_for("^s Save")
    for group in GROUPS[1:]:
        first = in_group(group.id)[0]
        deck.send(CTRL["n"])
        screen = deck.wait_for(f"  {group.label} · ", first.label)
        deck.wait_for(f"{first.key} ")
        assert "^q Quit" in screen.splitlines()[-1]
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()


def test_a_window_too_small_says_so_and_grows_again(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", columns=20, lines=5)
    deck.wait_for("too small")
    deck.resize(80, 24)
    deck.wait_until(lambda screen: "too small" not in screen and "Model & data · train.yaml" in screen, "the form")
    deck.wait_for("^s Save", "model  text")
    deck.resize(12, 3)
    deck.wait_for("is too")
    deck.resize(3, 1)
    deck.resize(120, 36)
    deck.wait_until(lambda screen: "too small" not in screen and "training rows   150" in screen, "the form again")
    deck.resize(20, 5)
    deck.wait_for("too small")
    deck.send("!")  # what it would do could not be seen
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()
