"""What the screens look like. Accept a change that you have looked at with `pytest --snapshot-update`."""

import pytest

from tests.ui.apps import REFERENCE, app_on, story, told_run

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def still(folder, monkeypatch):
    """Nothing that moves by itself: no blinking cursor, no clock in the run's name."""
    monkeypatch.setattr("textual.widgets.Input.cursor_blink", False)
    monkeypatch.setattr("app.runs.folder._new_folder", _named_folder)
    return folder


def _named_folder(runs_dir, subject):
    from app.wire.run_folder import RunFolder

    path = runs_dir / f"20261123-2051-{subject}"
    path.mkdir(parents=True)
    return RunFolder(path)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("group", ["core", "lora", "hyperparameters"])
def test_form(snap_compare, still, size, group):
    app = app_on(still)

    async def go(pilot):
        await app.go(group)
        await pilot.pause(1.0)

    assert snap_compare(app, terminal_size=size, run_before=go)


@pytest.mark.parametrize("size", SIZES)
def test_form_with_edits_and_errors(snap_compare, still, size):
    app = app_on(still, REFERENCE + 'lora_rnk: 4\nsave_every: "500"\n')

    async def edit(pilot):
        await app.go_to_field("batch_size")
        await pilot.press("x")
        app.session.edit("lora_parameters.rank", "16")
        await pilot.pause(1.0)

    assert snap_compare(app, terminal_size=size, run_before=edit)


@pytest.mark.parametrize("size", SIZES)
def test_save_dialog(snap_compare, still, size):
    app = app_on(still)

    async def save(pilot):
        await app.go_to_field("iters")
        await pilot.press(*"400", "ctrl+s")
        await pilot.pause(1.0)

    assert snap_compare(app, terminal_size=size, run_before=save)


@pytest.mark.parametrize("size", SIZES)
def test_train(snap_compare, still, size):
    app = app_on(still, run=told_run(still, story(spoiled=120)))

    async def wait(pilot):
        await pilot.pause(1.5)
        await pilot.press("left", "left")
        await pilot.pause(0.2)

    assert snap_compare(app, terminal_size=size, run_before=wait)
