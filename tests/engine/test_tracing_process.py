"""The tracer's process: a line for a line, whatever comes, until its input ends."""

import json
import subprocess
from pathlib import Path

import pytest

from app.wire.process import engine_command
from app.wire.tape import TraceRequest, decode_answer, encode_request
from tests.models.architectures import build, config_of, write_config

CONFIG = {"num_layers": 1, "optimizer": "sgd"}


class Process:
    """A tracer and the lines of it."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(engine_command("tracer"), stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def ask(self, line: str):
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return decode_answer(self.process.stdout.readline())

    def end(self) -> tuple[str, str, int]:
        rest, errors = self.process.communicate(timeout=20)
        return rest, errors, self.process.returncode


@pytest.fixture(scope="module")
def tracer():
    process = Process()
    yield process
    process.process.kill()
    process.process.communicate()


def _asking(model: Path | None = None, trusts: bool = False, **entries) -> str:
    config = None if model else config_of("llama") | entries
    return encode_request(TraceRequest(str(model) if model else None, config, CONFIG, 1, 33, trusts))


def _phases(answer) -> list[str]:
    assert not isinstance(answer, str), answer
    return [tape.phase for tape in answer]


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", "null", '{"model": 1}', json.dumps({"config": {}}), "\u20ac"])
def test_a_line_that_is_no_request_is_answered(tracer, line):
    assert isinstance(tracer.ask(line), str)
    assert _phases(tracer.ask(_asking())) == ["validate", "update"]


@pytest.mark.parametrize("batch", [0, -1, "two", None])
def test_a_request_that_makes_no_sense_is_answered(tracer, batch):
    request = json.loads(_asking()) | {"batch": batch}
    assert isinstance(tracer.ask(json.dumps(request)), str)


def test_a_model_that_leaves_python_is_answered(tracer):
    assert "olmo" in tracer.ask(_asking(model_type="olmo"))
    assert _phases(tracer.ask(_asking())) == ["validate", "update"]


def test_a_damaged_model_is_answered(tracer, tmp_path):
    folder = build(tmp_path / "model", "llama")
    assert _phases(tracer.ask(_asking(folder))) == ["validate", "update"]
    write_config(folder, hidden_size=48)
    assert str(folder) in tracer.ask(_asking(folder))
    (folder / "config.json").write_text("{")
    assert str(folder) in tracer.ask(_asking(folder))
    (folder / "model.safetensors").write_bytes(b"no weights")
    assert str(folder) in tracer.ask(_asking(folder))
    (folder / "config.json").unlink()
    assert "no config.json" in tracer.ask(_asking(folder))
    assert "no config.json" in tracer.ask(_asking(folder / "gone"))


def test_no_code_of_a_model_runs_unless_it_is_trusted(tracer, tmp_path):
    folder = build(tmp_path / "model", "llama")
    write_config(folder, model_file="own.py", auto_map={"AutoModelForCausalLM": "own.Model"})
    ran = tmp_path / "ran"
    (folder / "own.py").write_text(
        f"import pathlib\nprint('from the model')\npathlib.Path({str(ran)!r}).touch()\n"
        "from mlx_lm.models.llama import Model, ModelArgs\n"
    )
    assert "trust_remote_code" in tracer.ask(_asking(folder))
    assert not ran.exists()
    assert _phases(tracer.ask(_asking(folder, trusts=True))) == ["validate", "update"]
    assert ran.exists()
    ran.unlink()
    assert "trust_remote_code" in tracer.ask(_asking(folder))
    assert not ran.exists()


def test_it_ends_with_its_input_and_says_nothing_but_answers(tmp_path):
    process = Process()
    folder = build(tmp_path / "model", "llama")
    write_config(folder, model_file="own.py")
    (folder / "own.py").write_text("print('noise')\nfrom mlx_lm.models.llama import Model, ModelArgs\n")
    assert _phases(process.ask(_asking(folder, trusts=True))) == ["validate", "update"]
    rest, errors, code = process.end()
    assert (rest, code) == ("", 0)
    assert "noise" in errors
