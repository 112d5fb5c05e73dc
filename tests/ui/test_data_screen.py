"""The Data screen: what it tells of real files and a real tokenizer, how it follows the values, and what it does."""

import json
from pathlib import Path

import pytest

from app.cli.data_report import Told
from app.data.dataset import DatasetFacts
from app.data.lens import suggest
from app.ui import late_facts
from app.ui.screens.row import RowScreen
from app.ui.screens.split import AskSplit
from tests.tiny import tiny  # noqa: F401
from tests.ui.apps import app_on, click, facts, hears, press, ready, screen_text, sees, until, values

SIZE = (180, 44)
COUNT = late_facts.count_tokens
"""As it is, before the other tests' `folder` puts another in its place."""
SCAN = late_facts.scan
HOSTILE = "\x1b[2J[bold]\u202e⟦<|end|>⟧"


def chat(question: str, answer: str) -> str:
    return json.dumps({"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]})


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path.parent


@pytest.fixture(scope="module")
def shared(tmp_path_factory, tiny):  # noqa: F811
    """Data and a cache for the tests of this file: its tokens are counted once."""
    base = tmp_path_factory.mktemp("shared")
    rows = [chat(f"Question {number}?", "word " * (number % 9 + 1)) for number in range(30)]
    rows[4] = chat(HOSTILE, "long " * 60)
    write(base / "data" / "train.jsonl", *rows, rows[0])
    write(base / "data" / "valid.jsonl", rows[2], *(chat(f"Other {number}?", "yes") for number in range(4)), '{"a": [}')
    return base


@pytest.fixture(autouse=True)
def scanning(folder, monkeypatch):
    monkeypatch.setattr("app.ui.late_facts.scan", SCAN)


@pytest.fixture
def text(shared, tiny):  # noqa: F811
    return f"model: {tiny / 'model'}\ndata: {shared / 'data'}\ntrain: true\nbatch_size: 4\nmax_seq_length: 64\n"


@pytest.fixture
def counting(folder, shared, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
    monkeypatch.setattr("app.ui.late_facts.count_tokens", COUNT)
    return folder


async def scanned(pilot) -> DatasetFacts:
    await ready(pilot)
    return await until(pilot, lambda: pilot.app.session.snapshot.dataset, 30)


async def test_it_tells_what_the_lines_tell_and_follows_the_values(counting, text):
    async with app_on(counting, text, place="data").run_test(size=SIZE) as pilot:
        found, app = await scanned(pilot), pilot.app
        await until(pilot, lambda: app.session.snapshot.lengths, 60)
        await sees(pilot, "chat, 31 rows", "1 row stood before", "1 row of valid.jsonl stands in train.jsonl too")
        await sees(pilot, "Tokens in a row of train.jsonl", "── max_seq_length 64 · what is longer is cut", "▒", "█")
        snapshot = app.session.snapshot
        lens = Told(Path(), snapshot.config, found, snapshot.lengths, "").lenses()["train"][1]
        assert lens.is_waste_exact and lens.cut.rows == 1
        await sees(
            pilot, f"{lens.tokens:,} tokens; a row has {lens.median}", f"1 row (3.2%), {lens.cut.tokens:,} tokens"
        )
        await sees(pilot, f"{lens.tokens_per_epoch:,} tokens", "3 rows beyond the last full batch of 4")
        await until(pilot, lambda: f"{lens.waste:.1%} of what is computed\n" in _left(pilot))

        app.session.edit("batch_size", "5")
        await sees(pilot, "6 iterations of 5 rows", "1 row beyond the last full batch of 5")
        app.session.edit("max_seq_length", "1000")
        await sees(pilot, "── max_seq_length 1,000: no row is longer", "0 rows (0.0%), 0 tokens")

        length = suggest(snapshot.lengths.train).max_seq_length
        await sees(pilot, "suggested", f"max_seq_length {length}: cuts 1 row, ")
        await press(pilot, "u")
        assert values(app)["max_seq_length"] == length and "suggested" not in screen_text(app)
        await press(pilot, "ctrl+z")
        assert values(app)["max_seq_length"] == 1000
        y, line = next((y, line) for y, line in enumerate(screen_text(app).splitlines()) if "suggested" in line)
        await click(pilot, line.index("suggested"), y)
        assert values(app)["max_seq_length"] == length

        await press(pilot, "right")
        await sees(pilot, "‹valid›", "Tokens in a row of valid.jsonl")
        await press(pilot, "right")
        await sees(pilot, "There is no test.jsonl.")


def _left(pilot) -> str:
    return "\n".join(line[20:78].rstrip(" │") for line in screen_text(pilot.app).splitlines())


async def test_any_row_is_shown_as_the_model_will_see_it(counting, text):
    async with app_on(counting, text + "mask_prompt: true\n", place="data").run_test(size=(80, 24)) as pilot:
        await scanned(pilot)
        await press(pilot, "i", "5", "enter")
        await until(pilot, lambda: "train.jsonl:5:" in screen_text(pilot.app), 60)
        shown = await sees(pilot, "masked  ┆ ⟦<|", "trained ┃ long", "cut     ╳", r"\x1b[2J[bold]\u202e\u27e6", "of 31")
        assert not set(shown) & set("\x1b\u202e")
        await press(pilot, "p", "p")
        await sees(pilot, "train.jsonl:3:", "Question 2?")
        await press(pilot, "n")
        await sees(pilot, "train.jsonl:4:", "Question 3?")
        await press(pilot, "9", "9", "enter")
        await sees(pilot, "train.jsonl:31:")
        await press(pilot, "tab")
        await sees(pilot, "‹valid›", "valid.jsonl:6: mlx-lm cannot read this line: it is no JSON", '{"a": [}')
        await press(pilot, "escape")
        assert not pilot.app.screen.is_modal


async def test_enter_and_the_mouse_open_the_odd_row_under_them(folder, text):
    async with app_on(folder, text, place="data").run_test(size=SIZE) as pilot:
        await scanned(pilot)
        await sees(pilot, "▲ valid.jsonl:6  it is no JSON", "= train.jsonl:31  the same as line 1")
        await press(pilot, "down", "down", "down", "enter")
        assert isinstance(pilot.app.screen, RowScreen) and pilot.app.screen._wanted == ("train", 31)
        await press(pilot, "q")
        y, line = next(
            (y, line) for y, line in enumerate(screen_text(pilot.app).splitlines()) if "valid.jsonl:6" in line
        )
        await click(pilot, line.index("valid.jsonl:6"), y)
        await sees(pilot, "valid.jsonl:6: it is no JSON: ")
        await click(pilot, line.index("valid.jsonl:6"), y)
        assert isinstance(pilot.app.screen, RowScreen) and pilot.app.screen._wanted == ("valid", 6)


async def test_in_one_column_the_arrows_lead_through_the_page_into_the_list_and_back(folder, text):
    async with app_on(folder, text, place="data").run_test(size=(80, 24)) as pilot:
        await scanned(pilot)
        await sees(pilot, "→ train.jsonl  rows, token by token")
        page, rows = pilot.app.screen._page, pilot.app.screen._list
        assert page.has_focus and page.max_scroll_y > 0
        await press(pilot, *["down"] * (int(page.max_scroll_y) + 1))
        assert page.scroll_y == page.max_scroll_y and rows.has_focus
        await press(pilot, "up", "up")
        assert page.has_focus and page.scroll_y == page.max_scroll_y - 1


async def test_without_tokens_it_estimates_in_characters_and_says_why(folder, text):
    async with app_on(folder, text, place="data").run_test(size=SIZE) as pilot:
        await scanned(pilot)
        await sees(pilot, "Characters in a row of train.jsonl  an estimate", "not counted in these tests")
        await sees(pilot, "── max_seq_length 64 at 4 characters a token", "1 row cut, at that rate")
        await press(pilot, "u")
        await hears(pilot, "No other max_seq_length is suggested")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("data: no/such-[folder]", "no/such-[folder] is no folder with train.jsonl here."),
        ("hf_dataset: {path: a/b}", "The data is of the hub (hf_dataset): only files on this computer"),
    ],
)
async def test_data_that_is_not_here_is_said_to_be_so(folder, line, words):
    async with app_on(folder, f"{line}\n", place="data").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await facts(pilot)
        await sees(pilot, f"▲ {words}")
        await press(pilot, "i")
        await hears(pilot, "There is no row to show yet.")
        await press(pilot, "s")
        await hears(pilot, words)


async def test_an_empty_file_and_one_of_no_format_are_said_to_be_so(folder):
    write(folder / "mine" / "train.jsonl")
    write(folder / "mine" / "valid.jsonl", '{"q": 1}')
    async with app_on(folder, "data: mine\n", place="data").run_test(size=SIZE) as pilot:
        await scanned(pilot)
        await sees(pilot, "train.jsonl  ✗ The file is empty", "valid.jsonl  ✗ no format that mlx-lm knows")


async def test_files_are_read_again_as_they_are_now(folder):
    write(folder / "mine" / "train.jsonl", chat("a", "b"))
    async with app_on(folder, "data: mine\n", place="data").run_test(size=SIZE) as pilot:
        await scanned(pilot)
        await sees(pilot, "chat, 1 row,")
        write(folder / "mine" / "train.jsonl", chat("a", "b"), chat("c", ""), chat("d", "e"))
        await press(pilot, "r")
        await sees(pilot, "chat, 3 rows,", "▲ train.jsonl:2")


async def test_reading_says_how_far_it_is_and_can_be_stopped(folder, monkeypatch):
    def endless(session, cancelled):
        session.known.progress["dataset"] = "reading the rows … 12% of 9 MB"
        while not cancelled():
            pass

    monkeypatch.setattr("app.ui.late_facts.scan", endless)
    async with app_on(folder, place="data").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "reading the rows … 12% of 9 MB", "Esc stops it")
        await press(pilot, "escape")
        await sees(pilot, "▲ You stopped the reading")
        monkeypatch.setattr("app.ui.late_facts.scan", SCAN)
        await press(pilot, "r")
        await sees(pilot, "text, 800 rows")


async def test_a_split_is_asked_for_made_and_one_step_of_undo(folder):
    write(folder / "mine" / "train.jsonl", *(chat(f"q{number}", "a") for number in range(40)))
    (folder / "mine-split").mkdir()
    async with app_on(folder, "data: mine\n", place="data").run_test(size=(80, 24)) as pilot:
        await scanned(pilot)
        await press(pilot, "s")
        await sees(pilot, "Split train.jsonl (40 rows)", "mine-split-2")
        await press(pilot, "x", "enter")
        await sees(pilot, "'x' is no share of the rows for valid")
        assert isinstance(pilot.app.screen, AskSplit)
        await press(pilot, "backspace", *"25", "tab", *"10", "down", *"7", "down", *"mine", "enter")
        await sees(pilot, "mine exists already, and nothing is overwritten", "25")
        await press(pilot, *"out", "enter")
        await until(pilot, lambda: values(pilot.app)["data"] == "out", 30)
        await hears(pilot, "26 rows to train, 10 to validate, 4 to test.")
        await sees(pilot, "valid.jsonl  chat, 10 rows")
        await press(pilot, "ctrl+z")
        await sees(pilot, "train.jsonl  chat, 40 rows")
        await press(pilot, "ctrl+y")
        await sees(pilot, "train.jsonl  chat, 26 rows")
        await press(pilot, "s")
        await hears(pilot, "out has a valid.jsonl already")
