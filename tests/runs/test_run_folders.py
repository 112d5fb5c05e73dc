"""Making, naming, finding and summarising runs, without any trainer."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.runs.adapter import busy_adapter, existing_adapter
from app.runs.folder import RunError, create_run, manifest, runs_directory
from app.runs.launch import launch
from app.runs.listing import as_json, find_run, list_runs, live_run, summarize
from app.runs.stop import request_stop
from app.runs.wording import state
from app.wire.events import Ended, Report, Started, Step, Validation, encode
from app.wire.files import write_json
from app.wire.folder_lock import lock_folder
from app.wire.process import identity

CONFIG = {"model": "org/some model", "adapter_path": "adapters", "train": True, "iters": 50}


def test_a_new_folder_holds_the_file_the_mapping_and_where_it_comes_from(tmp_path):
    yaml = "model: x # ä\r\n".encode()
    run = create_run(tmp_path / "runs", CONFIG, yaml, tmp_path / "my.yaml", tmp_path, overwrite=True)
    assert run.config.read_bytes() == yaml
    assert json.loads(run.resolved.read_text()) == CONFIG
    facts = manifest(run)
    assert facts["source"] == str(tmp_path / "my.yaml")
    assert facts["start_directory"] == str(tmp_path)
    assert facts["adapter_path"] == str(tmp_path / "adapters")
    assert facts["overwrite"] is True
    assert set(facts["versions"]) >= {"python", "tunedeck", "mlx", "mlx-lm"}
    assert facts["machine"]["memory"] > 0
    assert not list(run.path.glob(".*"))


@pytest.mark.parametrize(
    ("config", "subject"),
    [
        (CONFIG, "some-model"),
        (CONFIG | {"adapter_path": "models/SmolLM3-3B_run5"}, "SmolLM3-3B_run5"),
        (CONFIG | {"adapter_path": "a/\x1b[31m[red]/x]/.."}, "some-model"),
        (CONFIG | {"adapter_path": "", "model": "../…"}, "run"),
        (CONFIG | {"adapter_path": "x" * 300}, "x" * 40),
    ],
)
def test_a_run_is_named_by_time_and_subject(tmp_path, config, subject):
    run = create_run(tmp_path, config, b"", None, tmp_path)
    stamp, _, rest = run.id.partition("-")[2].partition("-")
    assert run.id[:8].isdigit() and stamp.isdigit() and rest == subject


def test_runs_made_at_once_get_folders_of_their_own(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        runs = list(pool.map(lambda _: create_run(tmp_path, CONFIG, b"", None, tmp_path), range(32)))
    assert len({run.path for run in runs}) == 32
    assert len(list_runs(tmp_path)) == 32


def test_the_directory_is_chosen_by_option_then_environment_then_platform(tmp_path, monkeypatch):
    monkeypatch.setenv("TUNEDECK_RUNS_DIR", str(tmp_path / "named"))
    assert runs_directory(tmp_path / "asked") == tmp_path / "asked"
    assert runs_directory() == tmp_path / "named"
    monkeypatch.delenv("TUNEDECK_RUNS_DIR")
    assert runs_directory().parts[-2:] == ("tunedeck", "runs")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(RunError, match="cannot be written"):
        create_run(tmp_path / "runs", CONFIG, b"", None, tmp_path)


def test_a_damaged_run_cannot_be_launched(tmp_path):
    run = create_run(tmp_path, CONFIG, b"", None, tmp_path)
    run.manifest.write_text('{"id": ')
    with pytest.raises(RunError, match="missing or damaged"):
        launch(run)


def test_standing_and_busy_adapters_are_told(tmp_path):
    adapter = tmp_path / "adapter"
    assert existing_adapter(adapter) is None
    assert busy_adapter(adapter) is None
    adapter.mkdir()
    assert existing_adapter(adapter) is None
    (adapter / "0000100_adapters.safetensors").touch()
    assert str(adapter) in existing_adapter(adapter)
    descriptor = lock_folder(adapter)
    try:
        assert "another run" in busy_adapter(adapter)
    finally:
        os.close(descriptor)
    assert busy_adapter(adapter) is None


def _run(tmp_path, *events, process=None, ending=None):
    run = create_run(tmp_path, CONFIG, b"", None, tmp_path)
    run.events.write_text("".join(encode(event) for event in events))
    if process:
        write_json(run.trainer, {"pid": process, "identity": identity(process) or "gone"})
    if ending:
        write_json(run.exit, ending)
    return run


STORY = (Started(1.0, 5, 50), Step(2.0, 10, 3.5, 40, 0.1), Report(2.0, 10, 3.25, 1e-5, 2, 80, 400, 10**9))


def test_states(tmp_path):
    finished = _run(tmp_path, *STORY, Validation(3.0, 10, 2.5, 1), Ended(4.0, "finished", 10), process=2**22 + 1)
    running = _run(tmp_path, *STORY, process=os.getpid())
    continued = _run(tmp_path, *STORY, Ended(4.0, "stopped", 10), Started(5.0, 6, 50), process=2**22 + 1)
    killed = _run(tmp_path, *STORY, process=2**22 + 1, ending={"code": None, "signal": 6})
    failed = _run(tmp_path, Ended(4.0, "failed", 0, "no such data"), process=2**22 + 1)
    young = _run(tmp_path)
    told = {run.id: summarize(run) for run in (finished, running, continued, killed, failed, young)}
    assert [summary.state for summary in told.values()] == [
        "finished", "running", "died", "died", "failed", "starting",
    ]  # fmt: skip
    assert [summary.alive for summary in told.values()] == [False, True, False, False, False, True]
    assert (told[finished.id].iteration, told[finished.id].iters) == (10, 50)
    assert (told[finished.id].train_loss, told[finished.id].validation_loss) == (3.25, 2.5)
    assert told[failed.id].how == "no such data"
    assert "signal 6 (SIGABRT)" in told[killed.id].how
    assert "without a trace" in told[continued.id].how
    assert live_run(tmp_path) in (running, young)
    assert state(told[finished.id]) == ("finished, iteration 10 of 50, train loss 3.250, validation loss 2.500")
    os.utime(young.manifest, (time.time() - 60,) * 2)
    assert summarize(young).state == "died"


def test_what_was_left_behind_by_going_back_is_no_last_loss(tmp_path):
    again = (Started(5.0, 6, 50), Step(6.0, 8, 3.0, 40, 0.1), Step(7.0, 11, 3.0, 40, 0.1))
    run = _run(tmp_path, Validation(1.0, 6, 2.75, 1), *STORY, Validation(3.0, 10, 2.5, 1), *again)
    summary = summarize(run)
    assert (summary.iteration, summary.train_loss, summary.validation_loss) == (11, None, 2.75)


def test_a_damaged_record_never_raises(tmp_path):
    run = _run(tmp_path, *STORY)
    for path in (run.trainer, run.resolved, run.exit):
        path.write_text('["not what is expected"]')
    run.events.write_bytes(b"\xff\x00garbage\n" * 10)
    assert summarize(run).state == "died"
    json.dumps(as_json(summarize(run)), allow_nan=False)


@pytest.mark.parametrize("odd", ["x", -1, 1e400, [], {}, {"train": 1}, None])
def test_odd_values_in_a_dead_runs_records_never_raise(tmp_path, odd):
    run = _run(tmp_path, *STORY, process=2**22 + 1)
    keys = (
        "batch_size",
        "grad_accumulation_steps",
        "iters",
        "learning_rate",
        "max_seq_length",
        "lora_parameters",
        "data",
    )
    pulse = dict.fromkeys(("time", "trainer", "highest", "total", "available", "swap_used"), odd)
    for reason in (
        "",
        "The loss is not finite at iteration 1",
        "MemoryError: ",
        "data: row 1 of the train set is unlike",
    ):
        write_json(run.resolved, {"train": True} | dict.fromkeys(keys, odd))
        write_json(run.manifest, dict.fromkeys(("machine", "expected_peak", "start_directory"), odd))
        write_json(run.exit, {"code": odd, "signal": 9, "pulse": pulse, "oom_kills": odd, "memory_limit": odd})
        if reason:
            run.events.write_text(encode(Ended(1.0, "failed", 0, reason)))
        assert summarize(run).crash.title
    write_json(run.exit, {"code": None, "signal": odd})
    run.events.write_text("")
    assert summarize(run).crash.title


def test_losses_that_are_not_numbers_are_still_json(tmp_path):
    run = _run(tmp_path, Report(2.0, 10, float("nan"), 1e-5, 2, 80, 400, 10**9), process=os.getpid())
    assert json.loads(json.dumps(as_json(summarize(run)), allow_nan=False))["train_loss"] == "nan"


def test_a_long_run_is_summarised_from_its_end(tmp_path):
    run = _run(tmp_path, *STORY)
    line = encode(Step(2.0, 1, 3.5, 40, 0.1))
    with run.events.open("a") as file:
        for _ in range(50):
            file.write(line * 20_000)
        file.write(encode(Step(3.0, 49, 1.5, 40, 0.1)))
    began = time.perf_counter()
    assert summarize(run).iteration == 49
    assert time.perf_counter() - began < 0.05


def test_finding_by_beginning(tmp_path):
    with pytest.raises(RunError, match="no runs"):
        find_run(tmp_path, None)
    paths = []
    for name in ("20260101-1000-a", "20260101-1000-a-2", "20260102-1000-b"):
        (tmp_path / name).mkdir()
        write_json(tmp_path / name / "run.json", {"created": name})
        paths.append(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a run")
    (tmp_path / "not-a-run").mkdir()
    assert find_run(tmp_path, None).path == paths[2]
    assert find_run(tmp_path, "20260101-1000-a").path == paths[0]
    assert find_run(tmp_path, "20260102").path == paths[2]
    with pytest.raises(RunError, match="could be 20260101-1000-a-2, 20260101-1000-a"):
        find_run(tmp_path, "20260101-1000-")
    with pytest.raises(RunError, match="no run \\.\\./x"):
        find_run(tmp_path, "../x")
    assert [summary.folder.path for summary in list_runs(tmp_path)] == [paths[2], paths[1], paths[0]]


def test_stopping_a_run_whose_pid_now_is_another_process_touches_nobody(tmp_path):
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        run = _run(tmp_path, *STORY)
        write_json(run.trainer, {"pid": bystander.pid, "identity": "another boot:1"})
        assert not request_stop(run)
        assert not run.stop.exists()
        assert bystander.poll() is None
    finally:
        bystander.stdin.close()
        bystander.wait()


def test_nothing_of_mlx_is_loaded_by_this_room():
    code = "import app.runs.launch, app.runs.listing, app.runs.demo, app.runs.stop, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"mlx", "mlx_lm", "transformers", "numpy"} & set(loaded)
    assert "app.runs.launch" in loaded


def test_a_runs_directory_with_a_tilde_is_the_home_folder():
    assert runs_directory("~/runs") == Path.home() / "runs"
