"""What ends a run in words: one sentence that says what, where, and how to mend it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.runs.crash.evidence import gather
from app.runs.crash.report import tell
from app.wire.events import Ended
from tests.tiny import events, make_run, tiny, tiny_config  # noqa: F401

TRAIN_ALL = """
import sys
from pathlib import Path
from app.engine.trainer import run_trainer
for folder in sys.argv[1:]:
    print(folder, run_trainer(Path(folder)), flush=True)
"""


def _with_rows(name: str, *rows: str) -> Callable[[Path], dict[str, Any]]:
    """A data folder whose set `name` consists of these lines."""

    def change(folder: Path) -> dict[str, Any]:
        data = folder / "data"
        data.mkdir(parents=True)
        good = '{"text": "a row"}\n' * 8
        for each in ("train", "valid"):
            (data / f"{each}.jsonl").write_text(good)
        (data / f"{name}.jsonl").write_text("".join(f"{row}\n" for row in rows))
        return {"data": str(data)}

    return change


def _latin_1(folder: Path) -> dict[str, Any]:
    """A data folder whose third row is no UTF-8."""
    changes = _with_rows("train", *[ROW] * 8)(folder)
    train = Path(changes["data"]) / "train.jsonl"
    lines = train.read_bytes().splitlines()
    lines[2] = '{"text": "größer"}'.encode("latin-1")
    train.write_bytes(b"\n".join(lines))
    return changes


def _without_config(folder: Path) -> dict[str, Any]:
    folder.mkdir()
    return {"model": str(folder)}


def _foreign_model(folder: Path) -> dict[str, Any]:
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "perceptron"}')
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    return {"model": str(folder)}


def _read_only(folder: Path) -> dict[str, Any]:
    folder.write_text("a file where a folder should be")
    return {"adapter_path": str(folder)}


ROW = '{"text": "a row"}'
CASES: dict[str, tuple[dict[str, Any] | Callable[[Path], dict[str, Any]], list[str]]] = {
    "too deep": ({"num_layers": 16}, ["num_layers: 16", "2 layers", "-1"]),
    "no config.json": (_without_config, ["holds no config.json"]),
    "foreign model": (_foreign_model, ["Model type perceptron not supported"]),
    "few valid rows": (_with_rows("valid", ROW), ["the valid set has 1 rows", "batch_size 4"]),
    "not JSON": (_with_rows("train", ROW, "{'text': 1}"), ["train.jsonl:2", "not a JSON object"]),
    "not UTF-8": (_latin_1, ["train.jsonl:3", "mend or remove it"]),
    "odd row": (
        _with_rows("train", *[ROW] * 7, '{"messages": []}'),
        ["row 8 of the train set", "'text'"],
    ),
    "odd valid row": (_with_rows("valid", *[ROW] * 3, '{"txt": "a"}'), ["row 4 of the valid set"]),
    "no train set": (_with_rows("train"), ["a set is there but empty"]),
    "unknown format": (_with_rows("train", '{"a": 1}'), ["Unsupported data format"]),
    "keys match nothing": (
        {"lora_parameters": {"rank": 4, "dropout": 0.0, "scale": 1.0, "keys": ["q_proj"]}},
        ["lora_parameters.keys", "self_attn.q_proj"],
    ),
    "partial lora_parameters": ({"lora_parameters": {"rank": 4, "scale": 1.0}}, ["lora_parameters", "dropout"]),
    "bad schedule": ({"lr_schedule": {"name": "no_such", "arguments": [1]}}, ["lr_schedule", "no_such"]),
    "bad optimizer_config": ({"optimizer_config": {"adam": {"eta": 1}}}, ["optimizer_config.adam", "eta"]),
    "no resume file": ({"resume_adapter_file": "gone.safetensors"}, ["resume_adapter_file", "gone.safetensors"]),
    "unknown service": ({"report_to": "carrier-pigeon"}, ["report_to", "carrier-pigeon"]),
    "adapter_path is a file": (_read_only, ["adapter cannot be written here"]),
    "no steps": ({"steps_per_report": 0}, ["steps_per_report: 0", "at least 1"]),
    "nothing to do": ({"train": False}, ["set train, test or both"]),
    "no adapter to test": ({"train": False, "test": True}, ["adapter_path", "holds no adapter"]),
}


@pytest.fixture(scope="module")
def endings(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:  # noqa: F811
    """How each case ends: all in one process, for importing mlx-lm is most of the time."""
    folder = tmp_path_factory.mktemp("failures")
    runs = {}
    for number, (name, (changes, _)) in enumerate(CASES.items()):
        changed = changes(folder / f"case{number}") if callable(changes) else changes
        config = tiny_config(tiny, **({"adapter_path": folder / f"adapter{number}"} | changed))
        runs[name] = make_run(folder / "runs", config)
    folders = [str(run.path) for run in runs.values()]
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRAIN_ALL, *folders], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert [line.rpartition(" ")[2] for line in done.stdout.splitlines() if line.startswith(folders[0][:-20])]
    assert not list(folder.glob("adapter*")), "a run that failed before training left an adapter folder"
    return {name: events(run)[-1] for name, run in runs.items()}


@pytest.mark.parametrize("case", CASES)
def test_it_ends_with_a_sentence(endings, case):
    ended, expected = endings[case], CASES[case][1]
    assert isinstance(ended, Ended)
    assert ended.outcome == "failed"
    for part in expected:
        assert part in ended.reason
    assert "\n" not in ended.reason
    assert "Error:" not in ended.reason


def test_what_nobody_foresaw_keeps_its_type_and_leaves_a_traceback_in_the_log(tiny, tmp_path):  # noqa: F811
    run = make_run(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", max_seq_length="64"))
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRAIN_ALL, str(run.path)], capture_output=True, text=True, check=True
    )
    assert "Traceback" in done.stdout
    run.log.write_text(done.stdout)
    report = tell(gather(run, events(run)[-1], b""))
    assert report.code == "python_error"
    assert ".py:" in report.why
    assert report.trace[0].startswith("Traceback") and any(line.startswith("TypeError") for line in report.trace)
    reason = events(run)[-1].reason
    assert reason.split(":")[0].endswith("Error")
    assert json.loads(run.events.read_text().splitlines()[-1])["outcome"] == "failed"
