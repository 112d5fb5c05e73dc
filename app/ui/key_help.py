"""All keys and what they do, made from the command table."""

from collections.abc import Mapping

from textual.content import Content

from app.ui.commands import COMMAND_TABLE, key_name

HEAD = "Keys (^ is Ctrl; a letter works where nothing is being typed; in brackets the name for keymap.yaml)"
IN_PLACE = (
    ("↑ ↓ Tab", "Walk the fields of a form, or a list"),
    ("← → Space", "Choose among words, such as lora | dora | full"),
    ("< >", "Step a number down and up"),
    ("→ at the end", "Complete a path or a model's name"),
    ("Esc", "Out of a field, to where letters are commands, and back into it"),
    ("Enter", "Next field; on Model, Rate schedule and Modules: a list or an editor"),
    ("← → Enter Esc", "On Data: another file, the row under the cursor, stop reading"),
    ("n p Tab 1 2 3", "In a row: the next, the one before, another file, any by its number and Enter"),
    ("← → Home End", "On Train: the cursor walks the curve"),
    ("+ - f w l", "On Train: zoom, fit, whole run, log scale"),
    ("Enter Space", "On Runs: watch the run under the cursor, or mark it; a click on its letter's place marks, too"),
    ("← → Tab", "On Runs: the cursor walks the curves, which take the keys of Train's after Tab"),
    ("Esc", "On Runs: out of the filter, then none marked"),
)


def key_help(keys: Mapping[str, str]) -> Content:
    """`keys` holds the key of each command, as bound now; a letter works where nothing is being typed."""
    lines = [Content.styled(HEAD, "bold")]
    widest = max(len(command.label) for command in COMMAND_TABLE) + 2
    for command in COMMAND_TABLE:
        key = key_name(keys.get(command.id, ""))
        letter = key_name(command.letter) if command.letter and key_name(command.letter) != key else ""
        lines.append(
            Content.assemble(
                (f"{key or ('' if letter else 'palette'):<8}", "bold"),
                (f"{letter:<3}", "bold"),
                f"{command.label:<{widest}}",
                (f"{command.help}  ({command.id})", "$text-muted"),
            )
        )
    lines += [Content.assemble((f"{key:<14}", "bold"), (help, "$text-muted")) for key, help in IN_PLACE]
    return Content("\n").join(lines)
