"""What can be done with the data: a row looked at, a split made, the files read again, a length taken."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.checks.finding import Fix
from app.data.dataset import DatasetFacts
from app.data.splitting import Split, split_rows
from app.session.data_look import better_length, data_problem
from app.session.data_split import SplitTexts, SplitWish, free_folder
from app.session.dataset_words import rows_words
from app.ui.actions.work import work_on
from app.ui.deck import Deck, in_short
from app.ui.screens.split import AskSplit


async def row(app: Deck) -> None:
    app.shown.open_row()  # type: ignore[attr-defined]


async def read_again(app: Deck) -> None:
    app.session.known.forget_data()
    app.tell("The files are read again.")


async def stop_reading(app: Deck) -> None:
    if not app.stop_reading():
        app.tell("Nothing is being read.")


async def use_length(app: Deck) -> None:
    """Takes the suggested max_seq_length, as one step of undo."""
    suggestion = better_length(app.session.snapshot)
    if suggestion is None:
        app.tell("No other max_seq_length is suggested: the present one is it, or the tokens are not known yet.")
        return
    length = suggestion.max_seq_length
    app.session.apply_edits(Fix(f"max_seq_length {length}", (("max_seq_length", length),)))
    app.tell(f"max_seq_length is {length}. Undo takes it back.")


async def split(app: Deck) -> None:
    """Asks how, draws the rows into a new folder, and points `data` there, as one step of undo."""
    facts = app.session.snapshot.dataset
    source = Path(app.session.data_folder)
    if not isinstance(facts, DatasetFacts) or facts.train is None:
        app.tell(data_problem(app.session.snapshot) or "There is no train.jsonl to split yet.", "warning")
        return
    if facts.valid is not None:
        app.tell(f"{source} has a valid.jsonl already: train with it, or move it away to draw another.", "warning")
        return
    texts, complaint = SplitTexts(folder=free_folder(str(source), app.start_directory)), ""
    while True:
        asked = await app.push_screen_wait(AskSplit(rows_words(facts.train.rows), texts, complaint))
        if asked is None:
            return
        texts, wish = asked
        made = await work_on(app, f"Splitting {facts.train.path}", partial(_make, facts.train.path, wish))
        if made is None:
            app.tell("The split was given up; nothing is left of it.")
            return
        if isinstance(made, Split):
            break
        complaint = made
    app.session.apply_edits(Fix("Use the split", (("data", in_short(made.folder, app.start_directory)),)))
    app.tell(f"{_told(made)} Data is the new folder now; undo takes that back.")


def _make(
    source: Path, wish: SplitWish, say: Callable[[str], None], cancelled: Callable[[], bool]
) -> Split | str | None:
    def tell(done: int, total: int) -> None:
        say(f"{done / max(1, total):.0%} of {total / 1e6:,.1f} MB, which are read twice")

    return split_rows(source, wish.folder, wish.valid, wish.test, wish.seed, tell, cancelled)


def _told(made: Split) -> str:
    test = ", test.jsonl copied" if made.copied_test else f", {made.test:,} to test" if made.test else ""
    words = f"{rows_words(made.train)} to train, {made.valid:,} to validate{test}."
    if made.duplicates:
        words += f" {rows_words(made.duplicates)} stand there more than once, each beside the first of its kind."
    if made.blank:
        words += f" {made.blank:,} blank lines were left out."
    return words
