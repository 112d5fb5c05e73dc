"""The memory panel and its commands on a real tiny model: traced, fitted, probed."""

import pytest

from app.memory.estimate import Method
from app.memory.helper import Helper
from app.ui.late_facts import count_tokens
from tests.tiny import tiny  # noqa: F401
from tests.ui.apps import app_on, press, screen_text, until, values

SIZE = (140, 44)
PATIENCE = 60.0
"""Seconds: a helper, a tracer and a probe start as processes of their own."""


@pytest.fixture
def folder(folder, monkeypatch):
    """With the real helper, and rows really counted."""
    monkeypatch.setattr("app.ui.tracing.Helper", Helper)
    monkeypatch.setattr("app.ui.late_facts.count_tokens", count_tokens)
    return folder


def text(tiny):  # noqa: F811
    return (
        f"model: {tiny}/model\ndata: {tiny}/data\ntrain: true\niters: 10\nbatch_size: 2\nnum_layers: 1\n"
        "max_seq_length: 64\nlora_parameters: {rank: 4, scale: 2.0, dropout: 0.0}\n"
    )


def estimate(app):
    memory = app.session.snapshot.memory
    return memory.estimate if memory.is_exact else None


async def test_the_step_is_traced_and_another_batch_is_answered_at_once(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.session and estimate(app), PATIENCE)
        await until(pilot, lambda: "✔ fits" in screen_text(app) and "peak" in screen_text(app))
        before = estimate(app)
        assert before.method is Method.TRACED and before.low_bytes <= before.peak_bytes <= before.high_bytes
        await until(pilot, lambda: _answers(app, "3"), PATIENCE)
        assert estimate(app).peak_bytes > before.peak_bytes


def _answers(app, batch):
    app.session.edit("batch_size", batch)
    return estimate(app) is not None


async def test_what_fits_is_applied_by_one_key_and_undone_by_one(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.session and estimate(app), PATIENCE)
        await until(pilot, lambda: app.session.snapshot.machine)
        before = dict(values(app))
        app.action_command("fit")
        await until(pilot, lambda: "Fit the memory of this computer" in screen_text(app), PATIENCE)
        await press(pilot, "enter")
        await until(pilot, lambda: dict(values(app)) != before)
        await press(pilot, "ctrl+z")
        await until(pilot, lambda: dict(values(app)) == before)


@pytest.mark.slow
async def test_a_probe_corrects_the_estimate_from_then_on(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.session and estimate(app), PATIENCE)
        app.action_command("probe")
        await until(pilot, lambda: "Measuring" in screen_text(app))
        await until(pilot, lambda: estimate(app) and estimate(app).method is Method.PROBED, PATIENCE)
        assert "probed" in screen_text(app)


async def test_a_model_that_cannot_be_traced_is_told_and_never_green(folder, tiny):  # noqa: F811
    app = app_on(folder, text(tiny) + "optimizer_config: {adam: {no_such_setting: 1}}\n")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.session and app.session.snapshot.memory.problem, PATIENCE)
        await until(pilot, lambda: "Not traced" in screen_text(app))
        assert "✔ fits" not in screen_text(app)
