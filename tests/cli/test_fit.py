"""`tunedeck fit`: what it proposes for a real model is measured to fit, and it writes no more than that."""

import pytest

from app.cli import estimate, fit
from app.config.dialect import resolve
from app.config.document import read
from tests.cli.memory_files import file, kept, peak_of_mlx_lm, rewrite, run, told  # noqa: F401
from tests.config.stock_reader import stock_arguments
from tests.tiny import tiny  # noqa: F401

CEILING = 3_800_000
"""Bytes: less than the file needs, more than each way to mend it does."""


@pytest.mark.slow
def test_what_is_proposed_is_measured_to_fit(file, capsys):  # noqa: F811
    assert run(estimate, file, "--ceiling", CEILING) == 2
    out = file.with_name("out.yaml")
    status, found = told(fit, capsys, file, "--ceiling", CEILING, "-o", out)
    assert (status, found["level"], found["written"]) == (0, "red", str(out))
    best, *others = found["proposals"]
    assert others and all(one["level"] == "green" for one in found["proposals"])
    assert best["changes"].items() >= {"batch_size": 2, "grad_accumulation_steps": 2, "iters": 6}.items()
    assert best["price"]["lost"] == 0
    assert peak_of_mlx_lm(file) > CEILING
    measured = peak_of_mlx_lm(out)
    assert best["low_bytes"] < measured <= best["high_bytes"] < CEILING
    assert run(estimate, out, "--ceiling", CEILING) == 0


@pytest.mark.slow
def test_the_largest_length_is_measured_to_fit_and_the_next_is_not_green(file, capsys):  # noqa: F811
    rewrite(file, max_seq_length=512)
    _, before = told(estimate, capsys, file)
    ceiling = round(before["peak_bytes"] * 0.85)
    out = file.with_name("out.yaml")
    status, found = told(fit, capsys, file, "--vary", "max_seq_length", "--ceiling", ceiling, "-o", out)
    (proposal,), varied = found["proposals"], found["varied"]
    assert (status, varied["value"], varied["next"], varied["limit"]) == (0, 64, 96, "")
    assert proposal["changes"] == {"max_seq_length": 64} and varied["next_level"] != "green"
    assert proposal["price"]["cut"]["rows"] > 100
    assert proposal["low_bytes"] < peak_of_mlx_lm(out) < ceiling
    assert run(estimate, rewrite(out, max_seq_length=96), "--ceiling", ceiling) > 0


@pytest.mark.slow
def test_only_what_changes_is_written(file, capsys):  # noqa: F811
    text, out = file.read_text(), file.with_name("out.yaml")
    assert run(fit, file, "--vary", "batch_size", "--ceiling", CEILING, "-o", out) == 0
    assert out.read_text() == text.replace("batch_size: 4 ", "batch_size: 3 ")
    assert file.read_text() == text
    said = capsys.readouterr().out
    assert "The largest batch_size that fits is 3: 4 would be " in said
    assert "an update takes in 3 rows in place of 4" in said and "out.yaml: written, batch_size 3.\n" in said


def test_out_is_never_overwritten_unasked(file, capsys):  # noqa: F811
    text, out = file.read_text(), file.with_name("out.yaml")
    out.write_text("model: mine\n")
    for target in (out, file):
        before = target.read_text()
        assert run(fit, file, "--ceiling", CEILING, "-o", target) == 2
        printed, err = capsys.readouterr()
        assert not printed and err == f"tunedeck: {target}: The file exists already; add --force to overwrite it.\n"
        assert target.read_text() == before
    assert run(fit, file, "--ceiling", CEILING, "-o", file, "--force") == 0
    assert file.read_text() != text and "# my own notes\n" in file.read_text()
    assert run(fit, file, "--ceiling", "1GB", "-o", file.parent / "nowhere" / "out.yaml") == 2


@pytest.mark.slow
def test_a_flat_file_stays_flat_and_mlx_lm_reads_it(file):  # noqa: F811
    text = file.read_text().replace(
        "lora_parameters: {rank: 8, scale: 2.0, dropout: 0.0}", "lora_rank: 8\nlora_alpha: 16"
    )
    file.write_text(text)
    out = file.with_name("out.yaml")
    assert run(fit, file, "--vary", "lora_parameters.rank", "--ceiling", CEILING * 2, "-o", out) == 0
    rank = read(out).data["lora_rank"]
    assert rank > 8 and stock_arguments(out)["lora_parameters"]["rank"] == rank
    assert resolve(read(out)).config.values["lora_alpha"] == 16


def test_a_file_that_fits_is_told_what_is_left(file, capsys):  # noqa: F811
    rewrite(file, num_layers=1, grad_checkpoint=True)
    out = file.with_name("out.yaml")
    status, found = told(fit, capsys, file, "--ceiling", "40MB", "-o", out)
    assert (status, found["level"]) == (0, "green")
    keys = [next(iter(one["changes"])) for one in found["proposals"]]
    assert keys == ["max_seq_length", "grad_checkpoint", "batch_size", "num_layers", "lora_parameters.rank"]
    assert found["proposals"][0]["changes"] == {"max_seq_length": 96}
    assert found["proposals"][3]["changes"] == {"num_layers": 2}
    assert out.read_bytes() == file.read_bytes()


def test_what_nothing_makes_fit_is_red_and_not_written(file, capsys):  # noqa: F811
    out = file.with_name("out.yaml")
    status, found = told(fit, capsys, file, "--ceiling", "100kB", "-o", out)
    assert (status, found["level"], found["written"]) == (2, "red", None)
    assert not [one for one in found["proposals"] if one["changes"]]
    assert run(fit, file, "--ceiling", "100kB", "--vary", "num_layers", "-o", out) == 2
    assert "No num_layers fits." in capsys.readouterr().out
    assert not out.exists()


def test_what_is_not_known_is_not_proposed(file, capsys):  # noqa: F811
    rewrite(file, model="none/such")
    status, found = told(fit, capsys, file)
    assert (status, found["level"], found["proposals"]) == (3, "unknown", [])
    assert "HF_HUB_OFFLINE" in found["problem"]


@pytest.mark.parametrize(
    ("values", "arguments", "words"),
    [
        ({"iters": "many"}, (), "iters"),
        ({"fine_tune_type": "full"}, ("--vary", "lora_parameters.rank"), "nothing to vary about lora_parameters.rank"),
    ],
)
def test_unusable_input_is_not_taken_for_red(file, capsys, values, arguments, words):  # noqa: F811
    rewrite(file, **values)
    status, found = told(fit, capsys, file, *arguments)
    assert status == 2 and list(found) == ["error"] and words in found["error"]
    assert run(fit, file, *arguments) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1 and words in err
