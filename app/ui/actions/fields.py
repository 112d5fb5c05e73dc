"""Ways to a field: by letter, by word; and what can be done with the one under the cursor."""

from textual.content import Content

from app.config.config import Origin
from app.config.groups import GROUPS
from app.config.registry import BY_KEY, PARAMETERS
from app.config.values import show_value
from app.session.notices import fix_of
from app.ui.deck import Deck
from app.ui.form_rows import complaint_about, origin_word
from app.ui.help_words import EPOCHS_HELP, help_words
from app.ui.screens.deck_screen import DeckScreen
from app.ui.screens.pick import Entry, Pick
from app.wire.text import printable

_SOURCES = {Origin.FILE: "the file's value", Origin.PRESET: "the preset's value", Origin.DEFAULT: "mlx-lm's default"}


def go(app: Deck) -> None:
    from app.ui.screens.go import PLACE, Go, Target

    def gone(target: Target | None) -> None:
        if target is not None:
            kind, name = target
            app.run_worker(app.go(name) if kind == PLACE else app.go_to_field(name), group="commands")

    if isinstance(app.screen, DeckScreen):
        app.push_screen(Go(app.screen), gone)


def find(app: Deck) -> None:
    def found(key: str | None) -> None:
        if key is not None:
            app.run_worker(app.go_to_field(key), group="commands")

    if isinstance(app.screen, DeckScreen):
        app.push_screen(Pick("Find a parameter", [*_parameters(app), _epochs()]), found)


def _parameters(app: Deck) -> list[Entry]:
    snapshot = app.session.snapshot
    groups = {group.id: group.label for group in GROUPS}
    entries = []
    for parameter in PARAMETERS:
        value = show_value(parameter, snapshot.config.values[parameter.key]).partition("\n")[0] or "none"
        origin = origin_word(parameter.key, snapshot)
        edited = "● " if parameter.key in snapshot.edited else ""
        words = Content.assemble(
            (f"{parameter.label:<20}", "bold"),
            f" {printable(value)[:28]:<29}",
            (f"{edited + origin:<10}", "$text-accent" if edited else "$text-muted"),
            (f" {parameter.key}", "$text-muted"),
        )
        names = " ".join(filter(None, (parameter.flat, *parameter.aliases, groups[parameter.group], parameter.help)))
        entries.append(
            Entry(parameter.key, words, help_words(parameter, *complaint_about(parameter.key, snapshot)), names)
        )
    return entries


def _epochs() -> Entry:
    return Entry("epochs", Content.styled("Epochs", "bold"), Content(EPOCHS_HELP), "passes rows iters")


async def reset(app: Deck) -> None:
    """The field under the cursor, to one of the values it had from elsewhere."""
    row = app.form.row
    if row is None or row.key not in BY_KEY:
        return
    options = app.session.reset_options(row.key)
    if not options:
        app.tell(f"{row.label} has its file's value, and it is mlx-lm's default, too.")
        return
    if len(options) == 1:
        [(origin, text)] = options
        app.session.reset(row.key, origin)
        app.tell(f"{row.label} has {_SOURCES[origin]} again: {text or 'none'}.")
        return
    entries = [
        Entry(
            origin.value,
            Content.assemble((f"{_SOURCES[origin]:<22}", "bold"), printable(text.replace("\n", " ") or "none")),
        )
        for origin, text in options
    ]
    chosen = await app.push_screen_wait(Pick(f"Set {row.label} to", entries, filter=False))
    if chosen is not None:
        app.session.reset(row.key, Origin(chosen))


async def step_up(app: Deck) -> None:
    app.form.step(1)


async def step_down(app: Deck) -> None:
    app.form.step(-1)


async def side_panel(app: Deck) -> None:
    """Shows or hides the panel; where there is no room for it beside the form, its words lie over it."""
    if not app.shown.has_room_for_panel:  # type: ignore[attr-defined]
        from app.ui.screens.read import Read
        from app.ui.side_words import panel_words

        await app.push_screen(Read("Memory, numbers and findings", panel_words(app.session.snapshot, app.run_memory)))
        return
    app.shown.toggle_class("-side")
    app.window["side_panel"] = app.shown.has_class("-side")
    app.show_now()


async def mend(app: Deck) -> None:
    """Chooses among what can be mended, and lets one be."""
    session = app.session
    fixes = [(fix, f"{each.message} {each.why}") for each in session.snapshot.findings if (fix := each.fix)]
    fixes += [(fix, each.message) for each in session.snapshot.notices if (fix := fix_of(each))]
    drafts = dict(session.mendable_drafts())
    if not fixes and not drafts:
        app.tell("Nothing here can be mended by a key.")
        return
    entries = [_mending(f"{key} {text}", session.snapshot.errors[key], f"draft {key}") for key, text in drafts.items()]
    entries += [_mending(fix.label, words, str(at)) for at, (fix, words) in enumerate(fixes)]
    chosen = await app.push_screen_wait(Pick("Let this be mended", entries, filter=False))
    if chosen is None:
        return
    if key := chosen.removeprefix("draft ") if chosen.startswith("draft ") else "":
        session.edit(key, drafts[key])
    else:
        session.apply_edits(fixes[int(chosen)][0])


def _mending(label: str, words: str, id: str) -> Entry:
    return Entry(id, Content.assemble((f"{printable(label):<32}", "bold"), printable(words)), Content(printable(words)))
