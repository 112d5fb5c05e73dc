"""All keys and what they do, made from the command table."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from app.ui.commands import COMMAND_TABLE, key_name

PLACES = {"everywhere": "", "forms": "forms", "train": "train"}
IN_PLACE = (
    ("↑ ↓ Tab", "Walk the fields of a form, or the list of groups"),
    ("← → Space", "Choose among words, such as lora | dora | full"),
    ("← → Home End", "On Train: the cursor walks the curve; + and - zoom, f fits, w shows the whole run"),
)


class KeysScreen(ModalScreen[None]):
    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape,q,f1,enter", "dismiss", "Close", show=False)]

    def compose(self) -> ComposeResult:
        lines = [
            Content.assemble(
                (f"{key_name(command) or 'palette':<10}", "bold"),
                f"{PLACES[command.where]:<8}",
                (command.help, "$text-muted"),
            )
            for command in COMMAND_TABLE
        ]
        lines += [Content.assemble((f"{key:<18}", "bold"), (help, "$text-muted")) for key, help in IN_PLACE]
        with VerticalScroll(id="dialog"):
            yield Static("Keys   (^ is Ctrl; Esc closes)", id="question", markup=False)
            yield Static(Content("\n").join(lines), markup=False)
