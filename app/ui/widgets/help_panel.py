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
        self.update(help_words(parameter, error), layout=False)


def help_words(parameter: Parameter | None, error: str | None) -> Content:
    """All that there is to say of a field; None is the epochs field."""
    lines = [_title(parameter)]
    if error:
        lines.append(Content.styled(f"✗ {error}", "$text-error bold"))
    lines.append(Content(parameter.help if parameter else EPOCHS_HELP))
    if parameter is not None and (effects := _effects(parameter)):
        lines.append(Content.styled(effects, "$text-muted"))
    return Content("\n").join(lines)


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
