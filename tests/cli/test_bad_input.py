"""Input that cannot be used costs one sentence: what, where, how to mend it. Nothing else happens."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.job import job
from tests.terminal import Workplace, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401

COMMANDS = (
    ["resolve", "train.yaml"],
    ["train", "train.yaml"],
    ["train", "train.yaml", "--detach"],
    ["train.yaml"],
)


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with the bytes of files."""
    """All but the cache, which is no loss."""
    kept = (path for path in folder.rglob("*") if "cache" not in path.relative_to(folder).parts)
    return {str(path): path.read_bytes() if path.is_file() else None for path in kept}


def refusal(place: Workplace, *arguments: str) -> str:
    """The sentence with which the command refuses; the folder is as it was."""
    before = contents(place.folder)
    done = place.tunedeck(*arguments)
    assert done.returncode == 2, done
    lines = done.stderr.splitlines()
    sentence, name = re.fullmatch(r"(.*?)(?: \[([a-z-]+)\])?", lines[0]).groups()
    allowing = [f"tunedeck: --in-spite-of {name} allows it all the same."] if name else []
    assert lines[1:] == allowing, done.stderr
    assert sentence.endswith((".", "(--overwrite allows it)")), lines[0]
    assert contents(place.folder) == before
    return lines[0]


@dataclass(frozen=True)
class Unreadable:
    name: str
    content: bytes
    words: tuple[str, ...]


UNREADABLE = [
    Unreadable("a list", b"- model: m\n- data: d\n", ("train.yaml:1", "list", "key: value")),
    Unreadable("empty", b"", ("train.yaml", "empty")),
    Unreadable("only comments", b"# nothing\n", ("train.yaml", "empty")),
    Unreadable("one word", b"model\n", ("train.yaml:1", "no settings")),
    Unreadable("syntax", b"model: m\ndata: [a, b\ntrain: true\n", ("train.yaml:3", "not valid YAML")),
    Unreadable("a tab", b"model: m\nlora_parameters:\n\trank: 8\n", ("train.yaml:3", "spaces, not tabs")),
    Unreadable("not text", b"model: \xff\xfe\n", ("train.yaml:1", "UTF-8")),
    Unreadable("a control character", b"model: m\ndata: \x1b[31m\n", ("train.yaml:2", "U+001B")),
    Unreadable("two documents", b"model: m\n---\nmodel: n\n", ("train.yaml:2", "not valid YAML")),
    Unreadable("an object", b"model: !!python/object:os.system {}\n", ("train.yaml:1", "not valid YAML")),
]


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case.name)
def test_a_file_that_is_no_configuration(workplace, case):  # noqa: F811
    (workplace.folder / "train.yaml").write_bytes(case.content)
    for arguments in (COMMANDS[0], COMMANDS[1], COMMANDS[3]):
        sentence = refusal(workplace, *arguments)
        assert all(words in sentence for words in case.words), sentence


def test_a_file_that_is_not_there(workplace):  # noqa: F811
    for arguments in COMMANDS:
        assert "train.yaml: There is no such file." in refusal(workplace, *arguments)


def test_a_folder_in_place_of_a_file(workplace):  # noqa: F811
    (workplace.folder / "train.yaml").mkdir()
    for arguments in COMMANDS:
        assert "train.yaml: This is a folder" in refusal(workplace, *arguments)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(workplace):  # noqa: F811
    workplace.write("train.yaml", "model: m\n").chmod(0)
    for arguments in COMMANDS:
        assert "train.yaml: You have no permission" in refusal(workplace, *arguments)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("learning_rate", '"1e-5"', "write 1e-5 without quotes"),
        ("seed", '"x"', "whole number"),
        ("iters", "1e3", "write 1000"),
        ("grad_checkpoint", '"false"', "write false without quotes"),
        ("train", '"false"', "write false without quotes"),
        ("val_batches", "0", "makes mlx-lm fail"),
        ("batch_size", ".nan", "whole number"),
        ("model", "[a]", "text"),
        ("lora_parameters", "[4]", "rank, scale and dropout"),
    ],
)
def test_a_value_that_cannot_stand(workplace, tiny, key, value, words):  # noqa: F811
    text = job(tiny) + "grad_checkpoint: false\n"
    text = re.sub(rf"(?m)^{key}: .*$", f"{key}: {value}", text)
    workplace.write("train.yaml", text)
    line = 1 + [row.partition(":")[0] for row in text.splitlines()].index(key)
    for arguments in COMMANDS[:2]:
        sentence = refusal(workplace, *arguments)
        assert f"train.yaml:{line}: {key}: " in sentence
        assert words in sentence


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("model", "hollow", ("model folder hollow", "config.json")),
        ("model", "./nowhere", ("./nowhere does not exist",)),
        ("model", "~/models/m", ("does not expand ~",)),
        ("data", "hollow", ("data folder hollow has no train.jsonl",)),
        ("data", "train.yaml", ("train.yaml is a file",)),
        ("data", "./nowhere", ("./nowhere does not exist",)),
        ("batch_size", "500", ("train.jsonl", "150 rows", "valid.jsonl has 20", "set batch_size to 20")),
        ("batch_size", "50", ("valid.jsonl", "20 rows", "set batch_size to 20")),
        ("train", "false", ("nothing to do",)),
    ],
)
def test_what_cannot_train(workplace, tiny, key, value, words):  # noqa: F811
    (workplace.folder / "hollow").mkdir()
    workplace.write("train.yaml", job(tiny, **{key: value}))
    for arguments in COMMANDS[1:3]:
        sentence = refusal(workplace, *arguments)
        assert all(word in sentence for word in words), sentence
    assert workplace.tunedeck("resolve", "train.yaml").returncode == 0


def test_a_runs_folder_that_cannot_be_made(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    workplace.write("occupied", "a file")
    assert "occupied" in refusal(workplace, "train", "train.yaml", "--runs-dir", "occupied/runs")


def test_odd_but_usable_input_is_pointed_out(workplace, tiny):  # noqa: F811
    text = job(tiny) + "seed: 8\nlearning_rat: 1e-4\nlora-rank: 16\n"
    workplace.write("train.yaml", text)
    done = workplace.tunedeck("resolve", "train.yaml")
    assert done.returncode == 0
    assert "seed stands twice" in done.stdout
    assert "learning_rat" in done.stdout
    assert "learning_rate" in done.stdout
    assert "lora-rank" in done.stdout
    assert (workplace.folder / "train.yaml").read_text() == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stop", "nothing"], "no runs in"),
        (["stop"], "required: RUN"),
        (["attach"], "no runs in"),
        (["attach", "nothing"], "no runs in"),
        (["train"], "required: FILE"),
        (["train", "a.yaml", "--quick"], "--quick"),
        (["convert", "a.yaml"], "required: OUT"),
        (["convert", "a.yaml", "b.yaml"], "a.yaml: There is no such file"),
        (["resolve"], "required: FILE"),
        ([], "needs a terminal"),
        (["a.yaml", "b.yaml"], "b.yaml"),
    ],
    ids=" ".join,
)
def test_commands_with_nothing_to_work_on(workplace, arguments, words):  # noqa: F811
    before = contents(workplace.folder)
    done = workplace.tunedeck(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(workplace.folder) == before


def test_a_read_only_target_stays_as_it_is(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    workplace.write("out.yaml", "model: mine\n").chmod(0o444)
    assert "add --force" in refusal(workplace, "convert", "train.yaml", "out.yaml")
    assert "read-only" in refusal(workplace, "convert", "train.yaml", "out.yaml", "--force")
    assert "no folder" in refusal(workplace, "convert", "train.yaml", "nowhere/out.yaml")
