"""The palette: every action, group and parameter, found by typing."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from app.config.registry import GROUPS, PARAMETERS
from app.session.store import EPOCHS
from app.ui.commands import COMMAND_TABLE, key_name


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
        for command in COMMAND_TABLE:
            if command.id != "palette" and app.check_action("command", (command.id,)):
                key = f"  ({key_name(command)})" if command.key else ""
                yield command.label + key, command.help, partial(app.action_command, command.id)  # type: ignore[attr-defined]
        for group in GROUPS:
            yield f"Go to {group.label}", group.summary, partial(app.go, group.id)  # type: ignore[attr-defined]
        yield "epochs Epochs", None, partial(app.go_to_field, EPOCHS)  # type: ignore[attr-defined]
        for parameter in PARAMETERS:
            names = " ".join(dict.fromkeys(filter(None, (parameter.key, parameter.flat, parameter.label))))
            yield names, None, partial(app.go_to_field, parameter.key)  # type: ignore[attr-defined]
