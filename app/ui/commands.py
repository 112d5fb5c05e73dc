"""Every action once: its keys, its words, and where it works. Bindings, key bar, palette and help are made from it.

Keys are Ctrl letters that a text field can spare, so that they work while typing and in any terminal. `letter` is a
second, easier key where no field takes letters. Whatever has neither is reached by the palette and by the mouse.
"""

from dataclasses import dataclass

from app.ui.places import DATA, FORMS, PRESETS, REVIEW, RUNS, START, TRAIN

FORM = FORMS
CONFIG = (*FORMS, PRESETS, DATA, REVIEW)
EVERYWHERE = (START, *CONFIG, TRAIN, RUNS)


def _but(place: str, places: tuple[str, ...] = EVERYWHERE) -> tuple[str, ...]:
    return tuple(each for each in places if each != place)


@dataclass(frozen=True)
class Command:
    id: str
    key: str
    """Textual's name for the key; empty when the palette and the mouse are the only ways."""
    label: str
    help: str
    where: tuple[str, ...] = EVERYWHERE
    letter: str = ""
    """A plain key that does the same where nothing is being typed."""
    bar: bool = False
    """Whether the key bar has it, in the order of the table as far as there is room."""
    pinned: bool = False
    """In the key bar whatever room there is."""
    edits: bool = False
    """Changes the configuration, so one undo takes it back."""
    asks: bool = False
    """May open a dialog: of two such that come in one burst of keys the second is not for the screen any more."""


# fmt: off
COMMAND_TABLE = (
    Command("start", "ctrl+r", "Run", "Train the values shown; closing this screen stops nothing", _but(RUNS), bar=True,
            asks=True),
    Command("stop", "ctrl+x", "Stop and save", "End the run at its next micro-batch and save", (TRAIN,), bar=True,
            asks=True),
    Command("pause", "", "Pause", "End the run at its next micro-batch, all its memory freed; Resume goes on", (TRAIN,),
            letter="p", bar=True),
    Command("report", "", "Report", "Why this run died or failed, what mends it, and the trace", (TRAIN,), letter="i",
            bar=True, asks=True),
    Command("mend_run", "", "Change", "Let what the report of this run proposes be done in the forms", (TRAIN,),
            letter="m", bar=True, edits=True, asks=True),
    Command("resume", "", "Resume", "Let this run go on exactly where it was saved", (TRAIN,), letter="r", bar=True,
            asks=True),
    Command("resume_from", "", "Resume from a checkpoint", "Go back to one that was saved earlier, and on from there",
            (TRAIN,), asks=True),
    Command("use_best", "", "Use the best", "Make the adapter with the lowest validation loss the one in its folder",
            (TRAIN,), letter="b", asks=True),
    Command("row", "", "Row", "Any row as the model will see it", (DATA,), letter="i", bar=True, asks=True),
    Command("split", "", "Split", "Draw rows of train.jsonl to validate and to test, into a new folder", (DATA,),
            letter="s", bar=True, edits=True, asks=True),
    Command("read_again", "", "Read again", "Look at the files anew, as they are on the disk now", (DATA,), letter="r",
            bar=True),
    Command("watch", "", "Watch", "Show this run, live or past, on Train (Enter)", (RUNS,), letter="w", bar=True),
    Command("mark", "", "Mark", "Lay this run's curve over those of the others marked", (RUNS,), letter="space",
            bar=True),
    Command("compare", "", "Compare", "The values in which the marked runs differ", (RUNS,), letter="c", bar=True,
            asks=True),
    Command("filter_runs", "ctrl+f", "Filter", "Leave only the runs that have the words you type", (RUNS,),
            letter="slash", bar=True),
    Command("delete_run", "", "Delete", "Delete this run's folder, after naming its files", (RUNS,), letter="x",
            bar=True, asks=True),
    Command("axis", "", "Axis", "Curves by iterations, by trained tokens or by time of training", (RUNS,), letter="a",
            bar=True),
    Command("new_from_run", "", "Use as new", "Open this run's configuration as a new one", (RUNS,), letter="u",
            bar=True, asks=True),
    Command("export_run", "", "Export CSV", "Write this run's curve into a file", (RUNS,), letter="e", asks=True),
    Command("save", "ctrl+s", "Save", "Write the YAML file, after showing what changes", (START, *CONFIG), bar=True,
            asks=True),
    Command("undo", "ctrl+z", "Undo", "Take back the last change", CONFIG, bar=True),
    Command("reset", "ctrl+k", "Reset", "Set this field to the file's, a preset's or mlx-lm's value", FORM, bar=True,
            edits=True, asks=True),
    Command("train_screen", "ctrl+t", "Train", "Go to the run and its loss curve", (START, *CONFIG, RUNS), bar=True),
    Command("forms", "ctrl+t", "Forms", "Go back to the form", (TRAIN,), bar=True),
    Command("go", "ctrl+g", "Go", "Jump to any place or field by its letter", bar=True),
    Command("find", "ctrl+f", "Find", "Find a parameter by any word of it", _but(RUNS), letter="slash",
            bar=True),
    Command("next_group", "ctrl+n", "Next", "Go to the next group of parameters", FORM, bar=True),
    Command("review", "ctrl+d", "Review", "What would be saved and trained, before it is", _but(REVIEW), letter="v",
            bar=True),
    Command("open", "ctrl+o", "Open", "Open a file, a recent one, the demo, or begin anew", _but(START), letter="o",
            bar=True),
    Command("presets", "ctrl+l", "Presets", "Choose settings for a purpose", _but(PRESETS, (START, *CONFIG)),
            letter="p", bar=True),
    Command("data", "ctrl+v", "Data", "What is in the files: odd rows, lengths, what is cut and padded", _but(DATA),
            letter="d", bar=True),
    Command("use_length", "", "Use suggested length", "Set max_seq_length to what cuts hardly any token", (DATA,),
            letter="u", edits=True),
    Command("stop_reading", "", "Stop reading", "Give up reading the files and counting tokens (Esc)", (DATA,),
            letter="x"),
    Command("redo", "ctrl+y", "Redo", "Bring the change back", CONFIG),
    Command("previous_group", "ctrl+b", "Previous group", "Go to the group before", FORM),
    Command("log_scale", "ctrl+l", "Log scale", "Loss axis linear or logarithmic", (TRAIN, RUNS), bar=True),
    Command("step_up", "", "Step up", "The next larger sensible value of this number (>)", FORM, edits=True),
    Command("step_down", "", "Step down", "The next smaller sensible value of this number (<)", FORM, edits=True),
    Command("mend", "", "Mend", "Choose a finding and let it be mended", CONFIG, letter="m", edits=True, asks=True),
    Command("fit", "", "Fit memory", "What makes this training fit, or uses what is left, with its price", CONFIG,
            letter="f", edits=True, asks=True),
    Command("probe", "", "Probe memory", "Train the widest batch for a moment, and measure what it takes", CONFIG,
            letter="b", asks=True),
    Command("models", "", "Models", "Choose a base model of those on this computer", CONFIG, edits=True, asks=True),
    Command("schedule", "", "Edit the rate schedule", "The learning rate of every iteration, plotted, and its numbers",
            CONFIG, edits=True, asks=True),
    Command("modules", "", "Choose LoRA modules", "Which of the model's modules get an adapter, and what that trains",
            CONFIG, edits=True, asks=True),
    Command("save_as", "", "Save as", "Write the YAML under another name", CONFIG, letter="a", asks=True),
    Command("save_preset", "", "Save as preset", "Keep the present values as a preset of your own", CONFIG, asks=True),
    Command("new", "", "New", "Start from mlx-lm's defaults", asks=True),
    Command("editor", "", "Edit in $EDITOR", "Open the YAML file in your own editor", CONFIG, letter="e", asks=True),
    Command("copy_yaml", "", "Copy the YAML", "Put the text as it would be saved on the clipboard", CONFIG, letter="y"),
    Command("copy_command", "", "Copy the command", "Put the mlx_lm.lora command on the clipboard", CONFIG, letter="c"),
    Command("run_options", "", "Run options", "Early stopping, checkpoints kept, same validation rows, pausing",
            asks=True),
    Command("theme", "", "Theme", "Choose the colours, shown as you go through them", letter="t", asks=True),
    Command("runs", "", "Runs", "All runs: watched again, compared, opened as a new configuration", _but(RUNS),
            letter="h"),
    Command("queue_add", "", "Add to queue", "Train the values shown when the runs before it have ended", CONFIG,
            asks=True),
    Command("queue", "", "Queue", "The runs that wait for their turn: reorder them, take one out", letter="n",
            asks=True),
    Command("side_panel", "", "Side panel", "Show or hide the panel on the right; shown over a narrow form", FORM),
    Command("keys", "f1", "Help", "Help for this field, and all keys", letter="question_mark"),
    Command("palette", "ctrl+p", "Palette", "Find any action, place or parameter by typing", bar=True, pinned=True),
    Command("quit", "ctrl+q", "Quit", "Leave; a run in progress goes on", letter="q", bar=True, pinned=True),
)
# fmt: on

BY_ID = {command.id: command for command in COMMAND_TABLE}


def meet(one: str, other: str) -> bool:
    """Whether two commands are ever at hand in the same place, so that they may not share a key."""
    return bool(set(BY_ID[one].where) & set(BY_ID[other].where))


_NAMES = {"slash": "/", "question_mark": "?"}


def key_name(key: str) -> str:
    """The key as the key bar and the help write it: ^r for ctrl+r. Of several, the first."""
    key = key.partition(",")[0]
    return _NAMES.get(key, key.replace("ctrl+", "^"))
