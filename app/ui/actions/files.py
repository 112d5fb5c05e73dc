"""Opening, saving and leaving, with the questions that keep work from being lost."""

from pathlib import Path

from textual.content import Content

from app.config.document import ConfigError
from app.config.edits import CannotEdit
from app.config.saving import SaveError, difference
from app.ui.deck import Deck
from app.ui.screens.dialogs import AskText, Choose
from app.wire.text import printable


async def save(app: Deck) -> None:
    await _save(app, app.session.snapshot.path)


async def save_as(app: Deck) -> None:
    await _save(app, None)


async def save_preset(app: Deck) -> None:
    """The values that somebody gave, under a name of one's own."""
    from app.config.preset_writing import PresetExists, preset_text
    from app.config.preset_writing import save_preset as write_preset

    folder = app.presets_folder
    if folder is None:
        return
    name = await app.push_screen_wait(AskText("Name of the preset"))
    if not name:
        return
    try:
        text = preset_text(name, "", app.session.snapshot.config)
        try:
            path = write_preset(folder, name, text)
        except PresetExists as error:
            answers = {"cancel": "Cancel", "replace": "Replace it"}
            if await app.push_screen_wait(Choose("There is such a preset", str(error), answers)) != "replace":
                return
            path = write_preset(folder, name, text, overwrite=True)
    except SaveError as error:
        app.tell(str(error), "error")
        return
    app.tell(f"Kept as {path}")


def _read(app: Deck, path: Path) -> None:
    try:
        app.session.open(path)
    except ConfigError as error:
        app.tell(str(error), "error")


async def may_discard(app: Deck) -> bool:
    if not app.is_dirty:
        return True
    answers = {"save": "Save", "discard": "Discard", "stay": "Stay"}
    body = f"{app.document_name} has changes that are not saved."
    answer = await app.push_screen_wait(Choose("Unsaved changes", body, answers))
    if answer == "save":
        return await _save(app, app.session.snapshot.path)
    return answer == "discard"


async def _save(app: Deck, path: Path | None) -> bool:
    """The whole way of a save: name, difference, conflict. True once it is on disk."""
    if bad := app.session.unsaveable():
        app.tell(f"Not saved. {bad[0]}", "error")
        return False
    text = await _text(app)
    if text is None:
        return False
    if path is None:
        named = await app.push_screen_wait(
            AskText("Save as", str(app.session.snapshot.path or "train.yaml"), is_path=True)
        )
        path = Path(named).expanduser() if named else None
        return path is not None and await _confirm_new(app, path) and _write(app, path, text)
    if changes := app.session.changes_on_disk():
        return await _may_overwrite(app, path, changes) and _write(app, path, text, overwrite_changed=True)
    return await _confirm_difference(app, path, text) and _write(app, path, text)


async def _text(app: Deck) -> str | None:
    try:
        return app.session.rendered()
    except CannotEdit as error:
        body = f"{error}\n\nA rewritten file says the same, without the old one's comments and layout."
        answers = {"rewrite": "Rewrite it", "cancel": "Cancel"}
        answer = await app.push_screen_wait(Choose("This file cannot be edited in place", body, answers))
        return app.session.rewritten() if answer == "rewrite" else None


async def _confirm_new(app: Deck, path: Path) -> bool:
    if not path.exists():
        return True
    answers = {"replace": "Replace it", "cancel": "Cancel"}
    return await app.push_screen_wait(Choose("The file exists", f"{path} exists.", answers)) == "replace"


async def _may_overwrite(app: Deck, path: Path, changes: list[str]) -> bool:
    """Shows what became of the file since it was opened, and asks whose version stays."""
    answers = {"cancel": "Cancel", "reload": "Reload from disk", "overwrite": "Overwrite"}
    answer = await app.push_screen_wait(Choose(f"{path} changed on disk", _coloured(changes), answers))
    if answer == "reload":
        _read(app, path)
    return answer == "overwrite"


async def _confirm_difference(app: Deck, path: Path, text: str) -> bool:
    lines = difference(app.session.snapshot.document, text)
    if not lines:
        app.tell("Nothing to save: the file says what the screen says.")
        return False
    question = Choose(f"Save {path}", _coloured(lines), {"save": "Save", "cancel": "Cancel"})
    return await app.push_screen_wait(question) == "save"


def _coloured(lines: list[str]) -> Content:
    styles = {"+": "$text-success", "-": "$text-error", "@": "$text-muted"}
    return Content("\n").join(Content.styled(printable(line), styles.get(line[:1], "")) for line in lines)


def _write(app: Deck, path: Path, text: str, overwrite_changed: bool = False) -> bool:
    try:
        app.session.save(path, text, overwrite_changed)
    except (SaveError, ConfigError) as error:
        app.tell(str(error), "error")
        return False
    app.remember_file(path)
    app.tell(f"Saved {path}")
    return True
