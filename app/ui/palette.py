"""The palette: every action, place and parameter, found by typing."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from app.config.registry import PARAMETERS
from app.session.store import EPOCHS
from app.ui.commands import COMMAND_TABLE, key_name
from app.ui.deck import Deck
from app.ui.places import PLACES
from app.ui.screens.start import ENTRIES


class Palette(CommandPalette):
    is_palette = True

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Two clicks in one burst would else take the screen below away with it."""
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()


def open_palette(app: Deck) -> None:
    if not app.screen.is_modal:
        app.push_screen(Palette(providers=[DeckCommands]))


class DeckCommands(Provider):
    async def discover(self) -> Hits:
        for title, help, run in self._entries():
            if help is not None:
                yield DiscoveryHit(title, run, help=help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help, run in self._entries():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run, help=help)

    def _entries(self) -> Iterator[tuple[str, str | None, Callable]]:
        """Title, help and action; parameters have no help here, for they are found, not browsed."""
        app = self.app
        assert isinstance(app, Deck)
        for command in COMMAND_TABLE:
            if command.id != "palette" and app.works_now(command.id):
                key = key_name(app.keys.get(command.id, ""))
                yield (
                    command.label + (f"  ({key})" if key else ""),
                    command.help,
                    partial(app.action_command, command.id),
                )
        for place in PLACES:
            yield f"Go to {place.label}", "", partial(app.go, place.id)
        for id, label, help in ENTRIES:
            yield label, help, partial(app.begin, id)
        yield "epochs Epochs", None, partial(app.go_to_field, EPOCHS)
        for parameter in PARAMETERS:
            names = " ".join(dict.fromkeys(filter(None, (parameter.key, parameter.flat, parameter.label))))
            yield names, None, partial(app.go_to_field, parameter.key)
