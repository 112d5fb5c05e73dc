"""The README's parameter table is what the registry says."""

import re
from pathlib import Path

import pytest

from app.config.groups import GROUPS
from app.config.reference_table import BEGIN, END, main, markdown_table, with_table
from app.config.registry import PARAMETERS

README = Path(__file__).parents[2] / "README.md"


def test_readme_is_up_to_date():
    if not README.exists() or BEGIN not in README.read_text(encoding="utf-8"):
        pytest.skip("README.md has no table of parameters")
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text), "run: python -m app.config.reference_table README.md"


def test_every_parameter_has_one_row_of_five_cells():
    rows = [line for line in markdown_table().splitlines() if line.startswith("| `")]
    assert [re.match(r"\| `([^`]+)`", row)[1] for row in rows] == [p.key for p in PARAMETERS]
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {7}
    assert [line[4:] for line in markdown_table().splitlines() if line.startswith("### ")] == [
        group.label for group in GROUPS
    ]


def test_a_row_shows_both_names_the_default_and_the_typical_range():
    table = markdown_table()
    assert "| `lora_parameters.rank` (`lora_rank`) | integer | `8` | 4 to 32 |" in table
    assert "| `learning_rate` | number | `1e-5` | 1e-6 to 1e-4 |" in table
    assert "| `use_dora` | true or false | `false` |" in table


def test_only_the_marked_region_is_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{BEGIN}\nstale\n{END}\nbelow\n", encoding="utf-8")
    assert main([str(readme)]) == 0
    text = readme.read_text(encoding="utf-8")
    assert text == f"above\n{BEGIN}\n\n{markdown_table()}\n{END}\nbelow\n"
    assert with_table(text) == text


@pytest.mark.parametrize("text", ["no markers", f"{END} {BEGIN}", BEGIN])
def test_a_file_without_markers_stays_as_it_is(tmp_path, capsys, text):
    readme = tmp_path / "README.md"
    readme.write_text(text, encoding="utf-8")
    assert main([str(readme)]) == 2
    assert readme.read_text(encoding="utf-8") == text
    assert BEGIN in capsys.readouterr().err


def test_a_missing_file_is_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "none.md")]) == 2
    assert "none.md" in capsys.readouterr().err
