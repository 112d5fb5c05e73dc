"""train, runs, attach and stop without a screen: plain lines, JSON, and exit codes that mean something."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
import yaml

from app.runs.listing import summarize
from app.wire.events import Checkpoint, Ended, Report, Step, decode
from tests.e2e.job import ENDLESS, job, steps
from tests.terminal import CTRL, Terminal, workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401


def adapter(place):
    return place.folder / "adapters" / "adapters.safetensors"


def start_training(place, *options):
    """`tunedeck train` under way, as a process of its own group."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", "train", "train.yaml", *options],
        cwd=place.folder,
        env=place.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def under_way(place):
    """The only run, once it has trained a few steps."""
    wait_for(place.runs)
    (run,) = place.runs()
    wait_for(lambda: len(steps(run)) > 3)
    return run


def test_train_prints_the_loss_rows_and_ends_0(workplace, tiny):  # noqa: F811
    text = job(tiny, iters=6)
    workplace.write("train.yaml", text)
    done = workplace.tunedeck("train", "train.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    (run,) = workplace.runs()
    assert done.stdout.startswith(f"run {run.id}\n")
    assert re.findall(r"iteration +(\d+)  train loss \d\.\d{3}", done.stdout) == ["2", "4", "6"]
    assert re.findall(r"iteration +(\d+)  validation loss", done.stdout) == ["0", "5"]
    assert "150 training rows, 20 validation rows" in done.stdout
    assert done.stdout.splitlines()[-1] == "finished at iteration 6"
    assert adapter(workplace).stat().st_size > 0
    assert run.config.read_text() == text
    assert summarize(run).state == "finished"


def test_an_adapter_is_replaced_only_when_told_to(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny, iters=2))
    adapter(workplace).parent.mkdir()
    adapter(workplace).write_bytes(b"precious")
    refused = workplace.tunedeck("train", "train.yaml")
    assert refused.returncode == 2
    assert str(workplace.folder / "adapters") in refused.stderr
    assert "--overwrite" in refused.stderr
    assert adapter(workplace).read_bytes() == b"precious"
    assert workplace.runs() == []

    allowed = workplace.tunedeck("train", "train.yaml", "--overwrite")
    assert allowed.returncode == 0, allowed.stderr
    assert adapter(workplace).read_bytes() != b"precious"


def test_train_as_json_is_the_run_and_its_events(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny, iters=4, test="true") + "test: true\ntest_batches: 1\n")
    done = workplace.tunedeck("train", "train.yaml", "--json")
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    (run,) = workplace.runs()
    assert json.loads(head) == {"run": run.id, "folder": str(run.path)}
    events = [decode(line) for line in lines]
    assert None not in events
    assert [event.iteration for event in events if isinstance(event, Step)] == [1, 2, 3, 4]
    assert [event.iteration for event in events if isinstance(event, Report)] == [2, 4]
    assert [event.iteration for event in events if isinstance(event, Checkpoint)] == [4]
    assert isinstance(events[-1], Ended)
    assert lines == run.events.read_text().splitlines()


def test_interrupt_stops_and_saves_and_ends_3(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    command = start_training(workplace)
    run = under_way(workplace)
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=30)
    assert command.returncode == 3
    assert "Traceback" not in err
    assert "Stopping at the next micro-batch" in err
    last = steps(run)[-1].iteration
    assert out.splitlines()[-1] == f"stopped at iteration {last}"
    assert f"saved {workplace.folder}/adapters/adapters.safetensors" in out or "saved adapters/" in out
    assert adapter(workplace).stat().st_size > 0
    assert summarize(run).state == "stopped"


def test_ctrl_c_in_a_terminal_reaches_the_watcher_and_a_second_one_leaves_the_run(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    terminal = Terminal(["-m", "app", "train", "train.yaml"], workplace.folder, workplace.env)
    try:
        run = under_way(workplace)
        terminal.send(CTRL["c"])
        terminal.wait_for("stopped at iteration", timeout=30)
        assert terminal.wait_for_exit() == 3
        assert "Stopping at the next micro-batch" in terminal.text()
        assert terminal.settings_now == terminal.settings_before
        assert summarize(run).state == "stopped"
    finally:
        terminal.close()


def test_detach_returns_at_once_attach_follows_and_stop_stops(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    detached = workplace.tunedeck("train", "train.yaml", "--detach")
    assert detached.returncode == 0, detached.stderr
    (run,) = workplace.runs()
    assert detached.stdout == f"run {run.id}\n"
    under_way(workplace)
    listed = workplace.tunedeck("runs")
    assert re.match(rf"{run.id} +running, iteration \d+ of {ENDLESS}", listed.stdout), listed.stdout

    watching = subprocess.Popen(
        [sys.executable, "-m", "app", "attach", run.id[:13]],
        cwd=workplace.folder,
        env=workplace.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    stopping = workplace.tunedeck("stop", run.id[:13])
    assert (stopping.returncode, stopping.stdout) == (0, f"{run.id} stops at its next micro-batch.\n")
    out, _ = watching.communicate(timeout=30)
    assert watching.returncode == 3
    assert re.search(r"iteration +2  train loss", out), "attach tells the story from its beginning"
    assert out.splitlines()[-1].startswith("stopped at iteration")

    again = workplace.tunedeck("stop", run.id)
    assert (again.returncode, again.stdout) == (0, f"{run.id} had ended already.\n")
    (told,) = json.loads(workplace.tunedeck("runs", "--json").stdout)
    assert told["id"] == run.id
    assert (told["state"], told["alive"]) == ("stopped", False)
    assert told["iteration"] == steps(run)[-1].iteration
    assert told["source"] == str(workplace.folder / "train.yaml")


def test_a_run_that_fails_ends_1_and_says_why(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny, lora_parameters="{rank: 4, scale: 2.0, dropout: 0.0, keys: [nowhere]}"))
    done = workplace.tunedeck("train", "train.yaml", "--in-spite-of", "keys-match-nothing")
    assert done.returncode == 1
    assert "failed at iteration 0: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert workplace.tunedeck("attach").returncode == 1
    assert not adapter(workplace).exists()


def test_a_trainer_that_is_killed_ends_1_and_says_how(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    command = start_training(workplace)
    run = under_way(workplace)
    os.kill(summarize(run).pid, signal.SIGKILL)
    _, err = command.communicate(timeout=30)
    assert command.returncode == 1
    assert "SIGKILL" in err
    assert "To begin again: tunedeck train" in err
    assert "died" in (listed := workplace.tunedeck("runs").stdout) and "SIGKILL" in listed
    told = json.loads(workplace.tunedeck("runs", "--json").stdout)[0]
    assert (told["state"], told["crash"]["code"]) == ("died", "killed")


def test_a_reader_that_leaves_early_is_no_error_and_stops_no_run(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    command = start_training(workplace)
    run = under_way(workplace)
    command.stdout.close()
    command.wait(30)
    assert command.stderr.read() == ""
    seen = len(steps(run))
    wait_for(lambda: len(steps(run)) > seen + 3)
    ended = workplace.tunedeck("stop", run.id, "--now").stdout
    lost = steps(run)[-1].iteration
    assert ended == f"{run.id} was ended at once; nothing was saved to go on from, and {lost} iterations are lost.\n"


def test_two_runs_never_write_one_adapter(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    assert workplace.tunedeck("train", "train.yaml", "--detach").returncode == 0
    under_way(workplace)
    second = workplace.tunedeck("train", "train.yaml", "--overwrite")
    assert second.returncode == 2
    assert str(workplace.folder / "adapters") in second.stderr
    assert "is being written by another run" in second.stderr
    assert f"another run, {workplace.runs()[0].id}, goes on; both share this computer's memory" in second.stderr
    assert len(workplace.runs()) == 1


def test_runs_of_an_empty_folder(workplace):  # noqa: F811
    assert workplace.tunedeck("runs").stdout == f"No runs in {workplace.runs_dir} yet.\n"
    assert json.loads(workplace.tunedeck("runs", "--json").stdout) == []


COMMANDS = [
    "train", "runs", "attach", "stop", "pause", "resume", "queue", "check", "estimate", "fit", "data", "resolve",
    "convert", "presets", "apply", "demo",
]  # fmt: skip


SEEN_SELDOM = [pytest.param(command, marks=pytest.mark.slow) for command in COMMANDS if command != "train"]


@pytest.mark.parametrize("command", ["", "train", *SEEN_SELDOM])
def test_help(workplace, command):  # noqa: F811
    done = workplace.tunedeck(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: tunedeck {command}".rstrip())
    if not command:
        named = re.findall(r"^  (\w+)  ", done.stdout.partition("commands:")[2], re.MULTILINE)
        assert named == COMMANDS


@pytest.mark.slow
def test_the_reference_s_example_resolved_and_converted_trains_what_was_shown(workplace, tiny):  # noqa: F811
    """Flat keys do their work in `train`, and plain mlx-lm finds the same numbers in the converted file."""
    flat = job(tiny, iters=2, lora_parameters="") + "lora_rank: 3\nlora_alpha: 6\nlora_dropout: 0.1\n"
    workplace.write("train.yaml", flat.replace("lora_parameters: \n", ""))
    resolved = json.loads(workplace.tunedeck("resolve", "train.yaml", "--json").stdout)
    shown = resolved["config"]["lora_parameters"]
    assert shown == {"rank": 3, "scale": 2.0, "dropout": 0.1}
    assert {one["key"] for one in resolved["stock_differs"]} >= {
        "lora_parameters.rank",
        "lora_parameters.scale",
    }
    assert workplace.tunedeck("convert", "train.yaml", "native.yaml").returncode == 0
    assert yaml.safe_load((workplace.folder / "native.yaml").read_text())["lora_parameters"] == shown
    assert workplace.tunedeck("train", "train.yaml").returncode == 0
    saved = json.loads((workplace.folder / "adapters" / "adapter_config.json").read_text())
    assert saved["lora_parameters"] == shown
