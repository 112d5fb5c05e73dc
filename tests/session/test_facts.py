"""What is learned beside the configuration: of the model, the machine, and the memory that both mean."""

import json
import shutil
from dataclasses import replace

import pytest

from app.config.config import METHOD, RANK, defaults, edit, native
from app.config.parameter import Kind
from app.config.presets import load_presets
from app.config.registry import PARAMETERS
from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.state import MachineState
from app.memory.verdict import Level, overall
from app.models.adapters import trained_sizes
from app.models.facts import Source
from app.session import facts as module
from app.session.facts import Learned, Memory, MemoryCounting, being_looked_for, learn_model
from app.session.store import Session
from tests.tiny import tiny, tiny_config  # noqa: F401

GB = 2**30
METAL = GpuCeiling(400 * GB, CeilingSource.METAL)
ROOMY = MachineState(SystemMemory(512 * GB, 500 * GB, 12 * GB, 0), Pressure.NORMAL, (), METAL)
TIGHT = replace(ROOMY, memory=SystemMemory(2**21, 2**21, 0, 0), ceiling=GpuCeiling(100_000, CeilingSource.METAL))


@pytest.fixture(autouse=True)
def offline(tmp_path, monkeypatch):
    """No hub, and a cache of our own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def learned(tiny):  # noqa: F811
    return learn_model(str(tiny / "model"), tiny)


@pytest.fixture
def session(tmp_path, tiny):  # noqa: F811
    path = tmp_path / "train.yaml"
    path.write_text(json.dumps(tiny_config(tiny, "adapters")))
    session = Session()
    session.open(path)
    return session


def weight_bytes(model):
    """What a safetensors file holds behind its header, https://github.com/huggingface/safetensors#format."""
    content = (model / "model.safetensors").read_bytes()
    return len(content) - 8 - int.from_bytes(content[:8], "little")


def parts(memory):
    return {part.name: part.bytes for part in memory.estimate.parts}


# What is learned of a model


def test_a_folder_is_learned_of_as_the_configuration_names_it(tiny):  # noqa: F811
    relative = learn_model("model", tiny)
    assert (relative.name, relative.problem) == ("model", "")
    assert relative.facts.source is Source.FOLDER and relative.facts.layers == 2
    assert relative.facts.weight_bytes == weight_bytes(tiny / "model")


def test_a_model_of_the_cache_is_learned_of_without_the_hub(tmp_path, tiny):  # noqa: F811
    repository = tmp_path / "hub" / "models--org--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("a" * 40)
    shutil.copytree(tiny / "model", repository / "snapshots" / ("a" * 40))
    found = learn_model("org/tiny", tmp_path)
    assert found.facts.source is Source.CACHE and found.facts.layers == 2 and not found.problem


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("org/name", "The hub is not asked for org/name because HF_HUB_OFFLINE is set: unset it, or name a folder."),
        ("hollow", "config.json"),
        ("torn", "torn"),
        ("", "hub"),
        ("no such name", "hub"),
        ("a/../b", "hub"),
        ("x" * 5000, "hub"),
        ("\x00", "hub"),
    ],
)
def test_what_cannot_be_learned_is_a_sentence(tmp_path, tiny, name, words):  # noqa: F811
    (tmp_path / "hollow").mkdir()
    shutil.copytree(tiny / "model", tmp_path / "torn")
    with (tmp_path / "torn" / "model.safetensors").open("rb+") as file:
        file.truncate(5000)
    found = learn_model(name, tmp_path)
    assert found.facts is None and found.name == name
    assert words in found.problem and found.problem.endswith(".") and "\n" not in found.problem


# What the memory is counted from


def test_nothing_is_claimed_of_a_model_or_a_machine_that_is_not_known(learned):
    config = defaults()
    assert MemoryCounting().count(config, None, None, None) == Memory()
    unknown = MemoryCounting().count(config, None, ROOMY, None)
    assert unknown.estimate is None and overall(unknown.verdicts).level is Level.UNKNOWN
    assert MemoryCounting().count(config, learned, None, None).verdicts == ()


def test_more_layers_than_there_are_leave_the_weights_alone_to_count(learned, tiny):  # noqa: F811
    memory = MemoryCounting().count(defaults(), learned, ROOMY, None)
    assert memory.sizes is None and parts(memory) == {"weights": weight_bytes(tiny / "model")}


def test_full_training_counts_the_trained_weights_once(learned):
    config = edit(edit(defaults(), "num_layers", 2), METHOD, "full")
    memory = MemoryCounting().count(config, learned, ROOMY, None)
    assert set(parts(memory)) == {"weights", "optimizer"} and memory.sizes.adapter_bytes > 0


def other_value(parameter):
    """Another value than the default, sensible or not."""
    others = {"fine_tune_type": "full", "optimizer": "sgd", "num_layers": 1, RANK: 5,
               "lora_parameters.keys": ["self_attn.q_proj"], "optimizer_config": {"adafactor": {"beta_1": 0.9}},
               "use_dora": True, "lr_schedule": {"name": "cosine_decay", "arguments": [1e-5, 100]},
               "hf_dataset": {"path": "org/name"}}  # fmt: skip
    kinds = {Kind.INTEGER: 3, Kind.NUMBER: 0.5, Kind.SWITCH: not parameter.default}
    return others.get(parameter.key, kinds.get(parameter.kind, "x"))


@pytest.mark.parametrize("optimizer", ["adam", "adafactor"])
def test_after_any_edit_the_count_is_that_of_a_fresh_look(learned, optimizer):
    """Nothing that the sizes depend on is forgotten in deciding whether they are counted anew."""
    counting = MemoryCounting()
    start = edit(edit(defaults(), "num_layers", 2), "optimizer", optimizer)
    for parameter in PARAMETERS:
        for config in (start, edit(start, parameter.key, other_value(parameter))):
            assert counting.count(config, learned, None, None).sizes == trained_sizes(learned.facts, native(config))


def test_they_are_counted_anew_only_when_something_decisive_changes(learned, monkeypatch):
    counted = []
    monkeypatch.setattr(module, "trained_sizes", lambda *given: counted.append(given) or trained_sizes(*given))
    counting = MemoryCounting()
    config = edit(defaults(), "num_layers", 2)
    for key, value in (("iters", 5), ("learning_rate", 1e-3), ("batch_size", 1), ("lora_alpha", 4), ("seed", 3)):
        config = edit(config, key, value)
        counting.count(config, learned, ROOMY, None)
        counting.count(config, None, ROOMY, None)
    assert len(counted) == 1
    for key, value in ((RANK, 2), ("num_layers", 1), ("use_dora", True), ("optimizer", "sgd")):
        config = edit(config, key, value)
        counting.count(config, learned, ROOMY, None)
    assert len(counted) == 5


def test_another_model_s_sizes_are_never_taken_for_these(learned):
    """Facts come and go, and a new one may stand where an old one stood in memory."""
    counting, config = MemoryCounting(), edit(defaults(), "num_layers", 1)
    for layers in (1, 2) * 20:
        facts = replace(learned.facts, tensors={} if layers == 1 else learned.facts.tensors)
        sizes = counting.count(config, replace(learned, facts=facts), None, None).sizes
        assert (sizes is None) == (layers == 1)
        del facts, sizes


# What a session makes of it


def test_a_snapshot_holds_the_exact_bytes_of_the_weights(session, learned, tiny):  # noqa: F811
    assert session.snapshot.model is None and session.snapshot.memory == Memory()
    session.known.model_learned(learned.name, learned)
    memory = session.snapshot.memory
    assert parts(memory)["weights"] == weight_bytes(tiny / "model")
    assert memory.estimate.low_bytes == sum(parts(memory).values())
    assert (memory.estimate.peak_bytes, memory.estimate.high_bytes) == (None, None)
    assert memory.sizes.layers == 2
    before = parts(memory)["adapter"]
    session.edit(RANK, "8")
    assert parts(session.snapshot.memory)["adapter"] == 2 * before


def test_no_verdict_is_green_before_a_trace_knows_the_peak(session, learned):
    session.known.model_learned(learned.name, learned)
    session.known.machine_seen(ROOMY)
    told = [verdict for verdict in session.snapshot.memory.verdicts if verdict.subject != "pressure and swap"]
    assert {verdict.level for verdict in told} == {Level.UNKNOWN}
    assert overall(session.snapshot.memory.verdicts).level.word == "not known yet"


def test_what_is_certainly_too_much_is_red_and_follows_the_machine(session, learned):
    session.known.machine_seen(TIGHT)
    assert overall(session.snapshot.memory.verdicts).level is Level.UNKNOWN, "the model is not known yet"
    session.known.model_learned(learned.name, learned)
    assert overall(session.snapshot.memory.verdicts).level is Level.RED
    session.known.machine_seen(ROOMY)
    assert overall(session.snapshot.memory.verdicts).level is Level.UNKNOWN


def test_facts_of_a_model_that_is_not_meant_any_more_are_dropped(session, learned):
    session.known.model_learned("another", Learned("another", None, "Nothing is known."))
    assert session.snapshot.model is None
    session.known.model_learned(learned.name, learned)
    session.known.model_learned("another", Learned("another", None, "Nothing is known."))
    assert session.snapshot.model is learned
    session.edit("model", "another")
    assert session.snapshot.model is None and session.snapshot.memory.estimate is None
    session.known.model_learned(learned.name, learned)
    assert session.snapshot.model is None, "it came too late"
    session.known.model_learned("another", Learned("another", None, "Nothing is known."))
    assert session.snapshot.model.problem == "Nothing is known."
    session.undo()
    assert session.snapshot.model is None


def test_while_it_is_being_looked_for_nothing_else_is_said(session, learned):
    session.known.model_learned(learned.name, being_looked_for(learned.name))
    assert session.snapshot.model.problem == "looking for the model …"
    assert session.snapshot.memory.estimate is None
    assert session.preview(load_presets(None)[0][0]).config.values["num_layers"] == 12, "no depth is known"
    session.known.model_learned(learned.name, learned)
    assert session.snapshot.memory.estimate is not None


def test_depth_and_memory_speak_in_the_findings(session, learned):
    session.edit("num_layers", "3")
    session.edit("max_seq_length", "2048")
    codes = {finding.code for finding in session.snapshot.findings}
    assert not codes & {"layers-above-depth", "small-memory-batch"}
    session.known.model_learned(learned.name, learned)
    session.known.machine_seen(replace(ROOMY, memory=SystemMemory(16 * GB, 8 * GB, 8 * GB, 0), ceiling=None))
    codes = {finding.code for finding in session.snapshot.findings}
    assert codes >= {"layers-above-depth", "small-memory-batch"}
    session.known.machine_seen(ROOMY)
    assert "small-memory-batch" not in {finding.code for finding in session.snapshot.findings}


def test_a_look_at_the_machine_is_no_change_of_the_configuration(session):
    session.edit("seed", "3")
    before = session.snapshot
    session.known.machine_seen(ROOMY)
    after = session.snapshot
    assert (after.config, after.generation, after.edited) == (before.config, before.generation, before.edited)
    session.edit("seed", "34")
    session.undo()
    assert session.snapshot.config.values["seed"] == 7, "what is typed goes on as one step"
