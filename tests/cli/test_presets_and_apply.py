"""`tunedeck presets` and `tunedeck apply`: what they print and write, and their exit status."""

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType

import pytest

from app.cli import apply, presets
from app.config.dialect import resolve
from app.config.document import read
from app.config.presets import user_folder
from app.config.stock import differences
from tests.config.stock_reader import stock_arguments
from tests.terminal import Workplace, workplace  # noqa: F401

REFERENCE = Path(__file__).parents[1] / "config" / "fixtures" / "reference.yaml"
PLAIN = "model: none/such  # mine\r\ndata: d\r\ntrain: true\r\n\r\nbatch_size: 4   # rows\r\nmine: [1, 2]\r\n"


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's own presets, below the test's folder, on Linux as on a Mac."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user" / "config"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "user" / "hub"))
    monkeypatch.chdir(tmp_path)
    folder = user_folder()
    assert folder.is_relative_to(tmp_path)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.yaml"
    path.write_bytes(PLAIN.encode())
    return path


def _run(command: ModuleType, *arguments: object) -> int:
    parser = ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(list(map(str, arguments)))))


def test_presets_are_listed_with_ranges_and_reasons(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "terse.yaml").write_text("preset: {name: Terse, summary: Short rows.}\nmax_seq_length: 256\n")
    assert _run(presets) == 0
    out, err = capsys.readouterr()
    assert not err
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0].startswith("16gb: 16GB. ")
    assert "max_seq_length 512 to 1024, the largest that fits 1024 is good balance, 512 saves memory" in lines
    assert "lora_alpha 16 to 32, takes 16 Usually set to lora_rank or 2×lora_rank" in lines
    assert f"terse: Terse. Short rows. ({own / 'terse.yaml'})" in lines and "max_seq_length 256" in lines
    assert lines[-1] == f"Your own, a YAML file each: {own}"


def test_presets_as_json(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "style.yaml").write_text("preset: {name: My style}\nlr_schedule:\nseed: {range: [1, 9], take: high}\n")
    assert _run(presets, "--json") == 0
    out, err = capsys.readouterr()
    told = {one["id"]: one for one in json.loads(out)}
    assert list(told) == ["16gb", "anti-forgetting", "max-quality", "style"]
    assert told["16gb"]["shipped"] is True and Path(told["16gb"]["file"]).name == "16gb.yaml"
    assert told["16gb"]["settings"][1] == {
        "key": "max_seq_length",
        "value": 512,
        "range": [512, 1024],
        "take": "largest-that-fits",
        "why": "1024 is good balance, 512 saves memory",
    }
    assert told["style"]["shipped"] is False and told["style"]["file"] == str(own / "style.yaml")
    assert [(one["key"], one["value"], one["take"]) for one in told["style"]["settings"]] == [
        ("lr_schedule", None, None),
        ("seed", 9, 9),
    ]
    assert "takes the place of the shipped preset style" in err


def test_a_broken_preset_is_named_and_the_list_is_right_all_the_same(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "bad.yaml").write_text('preset: {}\n"\\e[2J": 1\n')
    assert _run(presets) == 0
    out, err = capsys.readouterr()
    assert err.count("\n") == 1 and err.startswith(f"{own / 'bad.yaml'}:2: ") and err.strip().isprintable()
    assert "16gb: " in out and "bad: " not in out


def test_apply_writes_in_place_and_leaves_every_other_byte(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(apply, "16gb", file) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "batch_size 4 -> 1 1 for 16GB RAM" in lines
    assert "num_layers 16 -> 12 Fewer layers = less memory" in lines
    assert lines[-1] == f"{file}: written."
    assert file.read_bytes().startswith(PLAIN[: PLAIN.index("\r\nbatch_size")].encode())
    assert b"batch_size: 1   # rows\r\n" in file.read_bytes() and file.read_bytes().endswith(b"mine: [1, 2]\r\n")
    config = resolve(read(file)).config
    assert config.values["max_seq_length"] == 512 and not differences(read(file), config)


def test_apply_again_has_nothing_to_do(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(apply, "16gb,anti-forgetting", file) == 0
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    capsys.readouterr()
    assert _run(apply, "16gb,anti-forgetting", file) == 0
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before
    out = capsys.readouterr().out
    assert out.endswith(f"{file}: Nothing to do, it says so already.\n") and " -> " not in out
    assert "as it was: learning_rate, lora_parameters.rank, lora_alpha, num_layers, lora_parameters.dropout" in out


def test_what_is_applied_is_what_mlx_lm_reads(tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    assert _run(apply, "max-quality", REFERENCE, "-o", out) == 0
    theirs = stock_arguments(out)
    assert theirs["lora_parameters"] == {"rank": 16, "scale": 1.0, "dropout": 0.1}
    assert (theirs["num_layers"], theirs["batch_size"], theirs["max_seq_length"]) == (16, 2, 1024)
    assert theirs["grad_checkpoint"] is False and read(out).data["lora_alpha"] == 16


def test_several_are_stacked_and_their_conflicts_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(apply, "16gb,max-quality", file, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == str(file)
    assert [one["id"] for one in told["presets"]] == ["16gb", "max-quality"]
    first, second = told["presets"]
    assert not first["conflicts"]
    assert {"key": "batch_size", "earlier": "16gb", "before": 1, "after": 2} in second["conflicts"]
    assert next(one for one in first["changes"] if one["key"] == "batch_size") == {
        "key": "batch_size",
        "before": 4,
        "after": 1,
        "why": "1 for 16GB RAM",
        "note": "",
    }
    assert next(one for one in second["changes"] if one["key"] == "batch_size")["before"] == 1
    assert _run(apply, "anti-forgetting,max-quality", file) == 0
    assert "  conflict: num_layers: Max quality makes it 16, where Anti-forgetting had 12.\n" in capsys.readouterr().out


def test_out_leaves_the_file_and_is_not_overwritten(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = file.with_name("out.yaml")
    assert _run(apply, "16gb", file, "-o", out) == 0
    assert file.read_bytes() == PLAIN.encode() and read(out).data["batch_size"] == 1
    assert _run(apply, "max-quality", file, "-o", out) == 2
    assert capsys.readouterr().err == f"tunedeck: {out}: The file exists already; add --force to overwrite it.\n"
    assert read(out).data["batch_size"] == 1
    assert _run(apply, "max-quality", file, "-o", out, "--force") == 0
    assert read(out).data["batch_size"] == 2


def test_out_is_written_also_where_nothing_changes(file: Path) -> None:
    assert _run(apply, "16gb", file) == 0
    assert _run(apply, "16gb", file, "-o", file.with_name("copy.yaml")) == 0
    assert file.with_name("copy.yaml").read_bytes() == file.read_bytes()


def test_out_may_be_the_file_by_another_name(file: Path) -> None:
    link = file.with_name("link.yaml")
    link.symlink_to(file.name)
    assert _run(apply, "16gb", file, "--output", link) == 0
    assert link.is_symlink() and read(file).data["batch_size"] == 1


def test_layers_are_clamped_to_a_model_that_is_here(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = file.with_name("shallow")
    model.mkdir()
    (model / "config.json").write_text(json.dumps({"model_type": "llama", "num_hidden_layers": 4}))
    file.write_text("model: shallow\n")
    assert _run(apply, "16gb", file) == 0
    assert read(file).data["num_layers"] == 4
    assert "Fewer layers = less memory; 12 is more than the model's 4" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["{", "[]", '{"model_type": "llama", "num_hidden_layers": "x"}', None])
def test_a_model_that_cannot_be_read_clamps_nothing(file: Path, broken: str | None) -> None:
    model = file.with_name("odd")
    if broken is None:
        model.write_text("a file")
    else:
        model.mkdir()
        (model / "config.json").write_text(broken)
    file.write_text("model: odd\n")
    assert _run(apply, "16gb", file) == 0
    assert read(file).data["num_layers"] == 12


def test_a_preset_of_the_users_own_is_applied(own: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(REFERENCE, own / "run5.yaml")
    assert _run(apply, "run5", file) == 0
    out = capsys.readouterr().out
    assert "lora_parameters.scale  " in out and "20.0 -> 1.0" in out and "follows: alpha / rank" in out
    assert read(file).data["model"] == "none/such" and "iters" not in read(file).data
    assert read(file).data["lora_parameters"] == {"rank": 8, "scale": 1.0, "dropout": 0.1}


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        (PLAIN, "16gb,nothing", "There is no preset nothing; choose from 16gb, anti-forgetting, max-quality, style."),
        (PLAIN, "", "There is no preset ;"),
        (PLAIN, "16gb,", "There is no preset ;"),
        (PLAIN, "\x1b[2J", r"There is no preset \x1b[2J;"),
        (None, "16gb", "train.yaml: There is no such file."),
        ("", "16gb", "train.yaml: The file is empty"),
        ("- a\n", "16gb", "train.yaml:1: The file holds a list"),
        ("seed: 1\niters: 1e3\n", "16gb", "train.yaml:2: iters: This wants a whole number"),
        ("a: &x 4\nbatch_size: &y 4\nb: *y\n", "16gb", "train.yaml: batch_size is written in a way"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_nothing_is_written(
    text: str | None, names: str, words: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is None:
        file.unlink()
    else:
        file.write_bytes(text.encode())
    for flags in ((), ("--json",), ("-o", file.with_name("out.yaml"))):
        assert _run(apply, names, file, *flags) == 2
        out, err = capsys.readouterr()
        assert not out and err.count("\n") == 1 and words in err and err.strip().isprintable()
    assert not file.with_name("out.yaml").exists()
    assert text is None or file.read_bytes() == text.encode()


def test_a_read_only_file_stays_as_it_is(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.chmod(0o444)
    assert _run(apply, "16gb", file) == 2
    assert "read-only" in capsys.readouterr().err and file.read_bytes() == PLAIN.encode()


def test_as_a_person_types_it(workplace: Workplace) -> None:  # noqa: F811
    workplace.write("train.yaml", "model: m\n")
    assert "16gb: " in workplace.tunedeck("presets").stdout
    done = workplace.tunedeck("apply", "16gb,style", "train.yaml")
    assert (done.returncode, done.stderr) == (0, "") and "train.yaml: written." in done.stdout
    done = workplace.tunedeck("apply", "style")
    assert done.returncode == 2 and "required: FILE" in done.stderr
    helped = workplace.tunedeck("--help").stdout
    assert "\n  presets   " in helped and "\n  apply     " in helped
