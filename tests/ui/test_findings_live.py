"""Findings about what stands on this computer, beside the form while it is edited."""

from app.config.config import native
from app.wire.files import write_json
from tests.ui.apps import app_on, at, press, ready, row, screen_text, until, values

SIZE = (140, 44)
TEXT = "model: m\ndata: row\ntrain: true\niters: 10\nadapter_path: out\n"


def codes(app):
    return {finding.code for finding in app.session.snapshot.findings}


async def test_a_mistyped_folder_is_found_and_mended_by_a_key(folder):
    app = app_on(folder, TEXT)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: "data-not-here" in codes(app))
        await until(pilot, lambda: row(app, "data").tone == "warning")
        app.session.apply_fix(next(each for each in app.session.snapshot.findings if each.code == "data-not-here"))
        assert values(app)["data"] == "rows"
        await until(pilot, lambda: app.session.snapshot.surroundings is not None)
        assert "data-not-here" not in codes(app)


async def test_what_others_make_and_delete_is_seen_without_a_key(folder, monkeypatch):
    monkeypatch.setattr("app.ui.late_facts.LOOK_AROUND_EVERY", 0.1)
    app = app_on(folder, TEXT)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.session.snapshot.surroundings is not None)
        assert not {"adapter-stands", "other-adapter-stands"} & codes(app)
        (folder / "out").mkdir()
        write_json(folder / "out" / "adapter_config.json", native(app.session.snapshot.config) | {"num_layers": 3})
        (folder / "out" / "adapters.safetensors").touch()
        await until(pilot, lambda: "other-adapter-stands" in codes(app))
        await until(pilot, lambda: "num_layers 3" in " ".join(screen_text(app).split()))
        (folder / "out" / "adapters.safetensors").unlink()
        await until(pilot, lambda: "other-adapter-stands" not in codes(app))


async def test_typing_a_path_looks_once_it_stands(folder):
    app = app_on(folder, TEXT)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.session.snapshot.surroundings is not None)
        await at(pilot, "data")
        await press(pilot, "end", "s")
        await until(pilot, lambda: "rows" in getattr(app.session.snapshot.surroundings, "about", ()))
        assert "data-not-here" not in codes(app)
