"""Help for the field under the cursor, made from the registry."""

from textual.content import Content

from app.config.numbers import number_text
from app.config.parameter import Kind, Parameter
from app.config.values import show_value
from app.ui.field_editors import FIELD_EDITORS
from app.wire.text import printable

EPOCHS_HELP = (
    "Passes over the training rows: another view of iters. One epoch is rows // batch_size iterations. "
    "Type it, and iters follow when rows or batch size change; type iters, and epochs follow."
)


_MARKS = {"error": ("✗", "$text-error bold"), "warning": ("▲", "$text-warning bold")}


def help_words(parameter: Parameter | None, level: str = "", complaint: str = "") -> Content:
    """All that there is to say of a field; None is the epochs field. `complaint` is an error or a warning about it."""
    lines = [_title(parameter)]
    if complaint:
        mark, style = _MARKS[level]
        lines.append(Content.styled(f"{mark} {printable(complaint)}", style))
    lines.append(Content(parameter.help if parameter else EPOCHS_HELP))
    if parameter is not None:
        named = (("Memory", parameter.memory), ("Speed", parameter.speed), ("Quality", parameter.quality))
        effects = [Content.assemble((f"{name}: ", "bold"), words) for name, words in named if words]
        lines += [Content("  ").join(effects)] if effects else []
    return Content("\n").join(lines)


def _title(parameter: Parameter | None) -> Content:
    if parameter is None:
        return Content.assemble(("epochs", "bold"), ("  number · < > step", "$text-muted"))
    facts = [parameter.kind.value if parameter.kind is not Kind.CHOICE else " | ".join(parameter.choices)]
    default = show_value(parameter, parameter.default).replace("\n", ", ")
    facts.append(f"default {default or 'none'}")
    facts += [f"typical {parameter.typical}"] if parameter.typical else []
    facts += [f"at least {parameter.minimum:g}"] if parameter.minimum is not None else []
    if parameter.maximum is not None:
        bound = "below" if parameter.maximum in parameter.forbidden else "at most"
        facts.append(f"{bound} {number_text(parameter.maximum)}")
    facts += ["< > step"] if parameter.kind in (Kind.INTEGER, Kind.NUMBER) else []
    facts += [FIELD_EDITORS[parameter.key][1]] if parameter.key in FIELD_EDITORS else []
    facts += ["the Data screen looks into it"] if parameter.key == "data" else []
    name = parameter.key if parameter.flat in (None, parameter.key) else f"{parameter.key} ({parameter.flat})"
    return Content.assemble((name, "bold"), ("  " + " · ".join(facts), "$text-muted"))
