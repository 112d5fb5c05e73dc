"""What can be done with runs that are there: their configurations compared, a curve exported, one deleted."""

import csv
import math
import os

import pytest

from app.runs.delete import delete_run, files_of
from app.runs.differences import Difference, differences
from app.runs.export import FileStands, export_csv
from app.runs.folder import RunError, create_run
from app.runs.listing import list_runs
from app.runs.queue import Queue, write_queue
from app.wire.events import Step, Validation, encode
from app.wire.files import write_json
from app.wire.process import identity

CONFIG = {
    "model": "m", "data": "rows", "adapter_path": "tuned", "train": True, "iters": 50, "learning_rate": 1e-5,
    "lora_parameters": {"rank": 8, "keys": ["self_attn.q_proj"]}, "lr_schedule": None,
}  # fmt: skip


def made(tmp_path, **changes):
    return create_run(tmp_path / "runs", CONFIG | changes, b"model: m\n", None, tmp_path)


def test_only_what_changed_is_told_with_each_runs_value(tmp_path):
    runs = [
        made(tmp_path),
        made(tmp_path, lora_parameters={"rank": 16}, learning_rate=2e-5, seed=1),
        made(tmp_path, train=1),
    ]
    assert differences(runs) == [
        Difference("train", ("true", "true", "1")),
        Difference("learning_rate", ("1e-05", "2e-05", "1e-05")),
        Difference("lora_parameters.rank", ("8", "16", "8")),
        Difference("lora_parameters.keys", ("[self_attn.q_proj]", "–", "[self_attn.q_proj]")),
        Difference("seed", ("–", "1", "–")),
    ]
    assert differences([runs[0], made(tmp_path)]) == []
    elsewhere = create_run(tmp_path / "runs", CONFIG, b"", None, tmp_path / "other")
    assert [one.key for one in differences([runs[0], elsewhere])] == ["started in"]
    elsewhere.resolved.write_text("[torn")
    assert Difference("model", ("m", "–")) in differences([runs[0], elsewhere])


def test_a_curve_is_exported_whole_and_never_over_a_file_that_stands(tmp_path):
    run = made(tmp_path)
    events = [Validation(0, 0, 4.0, 1), *(Step(0, at, at / 2, 10, 0.25) for at in (1, 2, 3)), Validation(0, 2, 3.5, 1)]
    events += [Step(0, 3, math.nan, 20, 0.25), Validation(0, 3, 3.25, 1)]
    run.events.write_text("".join(map(encode, events)))
    target = tmp_path / "curve.csv"
    assert export_csv(run, target) == 4
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["iteration"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["validation_loss"] for row in rows] == ["4.0", "", "3.5", "3.25"]
    assert rows[0]["train_loss"] == "" and math.isnan(float(rows[3]["train_loss"]))
    assert (rows[3]["tokens"], float(rows[3]["seconds"])) == ("40", 0.75)
    before = target.read_bytes()
    run.events.write_text("")
    with pytest.raises(FileStands, match="exists"):
        export_csv(run, target)
    assert target.read_bytes() == before
    assert export_csv(run, target, overwrite=True) == 0
    for impossible in (tmp_path / "no" / "such.csv", tmp_path / "a\0b", tmp_path):
        with pytest.raises(RunError):
            export_csv(run, impossible, overwrite=True)


def test_deleting_takes_the_runs_folder_and_nothing_that_links_lead_to(tmp_path):
    run, other = made(tmp_path), made(tmp_path)
    keepsake = tmp_path / "keepsake"
    keepsake.mkdir()
    (keepsake / "adapters.safetensors").write_bytes(b"x" * 1000)
    run.states.mkdir()
    (run.states / "weights").write_bytes(b"x" * 300)
    (run.path / "link").symlink_to(keepsake)
    write_json(run.exit, {"code": 0, "signal": None})
    named = {file.name: file.size for file in files_of(run)}
    assert named["state/weights"] == 300 and named["config.yaml"] == len(b"model: m\n")
    assert "link" in named and "link/adapters.safetensors" not in named
    delete_run(run)
    assert [one.id for one in list_runs(tmp_path / "runs")] == [other.id]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [other.id]
    assert (keepsake / "adapters.safetensors").exists()


def test_what_goes_on_or_is_no_run_is_not_deleted(tmp_path):
    run = made(tmp_path)
    write_json(run.trainer, {"pid": os.getpid(), "identity": identity(os.getpid())})
    with pytest.raises(RunError, match="goes on"):
        delete_run(run)
    waiting = made(tmp_path)
    write_queue(tmp_path / "runs", Queue((waiting.id,)))
    with pytest.raises(RunError, match="waits in the queue"):
        delete_run(waiting)
    (tmp_path / "runs" / "a-link").symlink_to(run.path)
    for name in ("a-link", "nothing"):
        with pytest.raises(RunError, match="not a run's own folder"):
            delete_run(type(run)(tmp_path / "runs" / name))
    assert run.config.exists()
