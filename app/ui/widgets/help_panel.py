"""Help for the field under the cursor, made from the registry."""

from textual.content import Content
from textual.widgets import Static

from app.config.parameter import Kind, Parameter
from app.config.values import show_value

EPOCHS_HELP = (
    "Passes over the training rows: another view of iters. One epoch is rows // batch_size iterations. "
    "Type it, and iters follow when rows or batch size change; type iters, and epochs follow."
)


class HelpPanel(Static):
    def __init__(self) -> None:
        super().__init__(id="help", markup=False)
        self._shown: tuple = ()

    def show(self, parameter: Parameter | None, error: str | None) -> None:
        """`parameter` None is the epochs field, the one field that is no parameter."""
        if (parameter, error) == self._shown:
            return
        self._shown = (parameter, error)
        parts = [_title(parameter), Content("\n")]
        if error:
            parts += [Content.styled(f"✗ {error}", "$text-error bold"), Content("\n")]
        parts.append(Content(parameter.help if parameter else EPOCHS_HELP))
        parts += [Content("\n"), Content.styled(_effects(parameter), "$text-muted")] if parameter else []
        self.update(Content("").join(parts))


def _title(parameter: Parameter | None) -> Content:
    if parameter is None:
        return Content.styled("epochs", "bold")
    facts = [parameter.kind.value if parameter.kind is not Kind.CHOICE else " | ".join(parameter.choices)]
    facts.append(f"default {show_value(parameter, parameter.default) or 'none'}")
    facts += [f"typical {parameter.typical}"] if parameter.typical else []
    facts += [f"at least {parameter.minimum:g}"] if parameter.minimum is not None else []
    name = parameter.key if parameter.flat in (None, parameter.key) else f"{parameter.key} ({parameter.flat})"
    return Content.styled(name, "bold") + Content.styled("  " + " · ".join(facts), "$text-muted")


def _effects(parameter: Parameter) -> str:
    named = (("Memory", parameter.memory), ("Speed", parameter.speed), ("Quality", parameter.quality))
    return "  ".join(f"{name}: {words}" for name, words in named if words)
