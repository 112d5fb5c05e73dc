"""All keys and what they do, made from the command table."""

from textual.content import Content

from app.ui.commands import COMMAND_TABLE, key_name

PLACES = {"everywhere": "", "forms": "forms", "train": "train"}
IN_PLACE = (
    ("↑ ↓ Tab", "Walk the fields of a form, or the list of groups"),
    ("← → Space", "Choose among words, such as lora | dora | full"),
    ("← → Home End", "On Train: the cursor walks the curve"),
    ("+ - f w l", "On Train: zoom, fit, whole run, log scale"),
)


def key_help() -> Content:
    lines = [Content.styled("Keys (^ is Ctrl)", "bold")]
    lines += [
        Content.assemble(
            (f"{key_name(command) or 'palette':<10}", "bold"),
            f"{PLACES[command.where]:<8}",
            (command.help, "$text-muted"),
        )
        for command in COMMAND_TABLE
    ]
    lines += [Content.assemble((f"{key:<18}", "bold"), (help, "$text-muted")) for key, help in IN_PLACE]
    return Content("\n").join(lines)
