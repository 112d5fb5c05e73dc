"""Tapes of training steps, from mlx-lm's own models."""

import json

import mlx.core as mx
import pytest
from mlx import nn
from mlx.optimizers import SGD
from mlx_lm.tuner.trainer import default_loss, grad_checkpoint

from app.engine.failures import Failure
from app.engine.tracing.checkpointing import StandIn
from app.engine.tracing.from_config import model_of
from app.engine.tracing.randomness import Keys
from app.engine.tracing.recording import Recorder
from app.engine.tracing.tracer import Tracer
from app.wire.tape import Tape, TraceRequest
from tests.models.architectures import OWN, build, config_of, write_config

NO_DROPOUT = {"rank": 4, "scale": 2.0, "dropout": 0.0}


@pytest.fixture(scope="module")
def tracer():
    return Tracer()


def request(model_type="llama", batch=2, width=65, entries=None, **config) -> TraceRequest:
    native = {"num_layers": 2, "optimizer": "adamw", "lora_parameters": NO_DROPOUT, **config}
    return TraceRequest(None, config_of(model_type) | (entries or {}), native, batch, width)


def structure(tape: Tape):
    """All but what depends on batch and width."""
    return (
        [(each.name, each.inputs, each.outputs) for each in tape.primitives],
        [len(shape) for shape in tape.shapes],
        tape.itemsizes,
        tape.inputs,
        tape.constants,
        tape.evaluated,
        tape.released,
        tape.gradients,
        tape.checkpoints,
        tape.markers,
    )


def named(tape: Tape, role: str) -> list[int]:
    return [array for array, its_role in tape.inputs.items() if its_role == role]


def count(tape: Tape, name: str) -> int:
    return sum(primitive.name == name for primitive in tape.primitives)


@pytest.mark.parametrize("model_type", ["llama", "mixtral", "gemma3_text", "plamo3"])
@pytest.mark.parametrize("checkpointed", [False, True])
def test_another_batch_and_width_have_the_same_numbers(tracer, model_type, checkpointed):
    entries = {"sliding_window_pattern": 2} if model_type == "gemma3_text" else None
    first, second = (
        tracer.trace(request(model_type, batch, width, entries, grad_checkpoint=checkpointed))
        for batch, width in ((2, 65), (3, 97))
    )
    assert [structure(tape) for tape in first] == [structure(tape) for tape in second]
    assert first != second


def test_a_request_answered_before_has_the_same_tapes(tracer):
    asked = request(grad_checkpoint=True)
    before = tracer.trace(asked)
    tracer.trace(request("mixtral"))
    assert tracer.trace(asked) == before == Tracer().trace(asked)


def test_a_tape_is_whole_and_in_order(tracer):
    for model_type in ("llama", "mixtral"):
        for tape in tracer.trace(request(model_type, grad_accumulation_steps=2)):
            known = {*tape.inputs, *tape.constants}
            for primitive in tape.primitives:
                assert {*primitive.inputs} <= known
                assert not {*primitive.outputs} & known
                known |= {*primitive.outputs}
            assert {*tape.evaluated} <= known
            assert max(known) < len(tape.shapes) == len(tape.itemsizes)


def test_the_roles_of_inputs(tracer):
    validate, update = tracer.trace(request())
    model = config_of("llama")
    assert [update.shapes[array] for array in named(update, "batch")] == [(2, 65), (2, 2)]
    assert (model["vocab_size"], model["hidden_size"]) in [update.shapes[array] for array in named(update, "weights")]
    adapter = named(update, "adapter")
    assert len(adapter) == 2 * 7 * 2  # a and b of seven linear layers in two blocks
    assert {update.shapes[array][-1] for array in adapter} == {4, 64, 32, 128}
    assert len(named(update, "optimizer")) == 2 * len(adapter) + 2  # m and v; the step and the learning rate
    assert not named(update, "accumulator")
    assert [update.shapes[array] for array in named(update, "random")] == [(2,)]
    assert [update.shapes[a] for a in validate.inputs] == [update.shapes[a] for a in update.inputs]


def test_what_the_step_replaces_is_released(tracer):
    validate, update = tracer.trace(request())
    rate = next(a for a in named(update, "optimizer") if update.shapes[a] == () and a in update.evaluated)
    assert {*update.released} == {*named(update, "adapter"), *named(update, "optimizer")} - {rate}
    assert {*named(update, "weights")} <= {*update.evaluated}
    assert len(update.evaluated) == len(update.inputs)  # loss and token count in the place of the two of the batch
    assert validate.released == ()
    assert [validate.shapes[array] for array in validate.evaluated] == [(), ()]


def test_the_phases_of_accumulation(tracer):
    assert [tape.phase for tape in tracer.trace(request(grad_accumulation_steps=1))] == ["validate", "update"]
    two, many = (tracer.trace(request(grad_accumulation_steps=steps)) for steps in (2, 8))
    for tapes in (two, many):
        validate, accumulate, update = tapes
        assert [tape.phase for tape in tapes] == ["validate", "accumulate", "update"]
        trained = [update.shapes[array] for array in named(update, "adapter")]
        assert [accumulate.shapes[array] for array in accumulate.gradients] == trained
        assert accumulate.evaluated[-len(trained) :] == accumulate.gradients
        assert [update.shapes[array] for array in named(update, "accumulator")] == trained
        assert {*named(update, "accumulator")} <= {*update.released}
        assert len(named(validate, "accumulator")) == len(trained)
        assert update.gradients == ()
    assert not named(two[1], "accumulator")
    assert two[1].released == ()
    assert len(named(many[1], "accumulator")) == len(many[1].gradients)
    assert {*many[1].released} == {*named(many[1], "accumulator")}


@pytest.mark.parametrize(("model_type", "window"), [("llama", 8), ("olmo3", 8)])
def test_each_checkpoint_is_marked(tracer, model_type, window):
    validate, update = tracer.trace(request(model_type, grad_checkpoint=True))
    maker = {array: primitive for primitive in update.primitives for array in primitive.outputs}
    assert len(update.checkpoints) == config_of(model_type)["num_hidden_layers"]
    assert {*update.markers} <= {*update.constants}
    assert update.markers
    marked = [array for each in update.checkpoints for array in each.primals]
    assert len({*marked}) == len(marked)
    assert not {*marked} & {*update.inputs}
    for checkpoint in update.checkpoints:
        for array in checkpoint.primals:
            assert maker[array].name in ("Multiply", "LogicalAnd", "Maximum")
        (output,) = checkpoint.outputs
        assert maker[output].name == "Add"
        assert update.shapes[output] == (2, 64, 64)
        assert output not in update.evaluated
    assert validate.checkpoints == validate.markers == ()


def test_a_checkpointed_block_reads_its_input_and_its_adapter(tracer):
    _, update = tracer.trace(request(grad_checkpoint=True))
    assert [len(checkpoint.primals) for checkpoint in update.checkpoints] == [1, 15, 15]  # two of three train
    replaced = {array for checkpoint in update.checkpoints for array in checkpoint.primals}
    _, accumulate, _ = tracer.trace(request(grad_checkpoint=True, grad_accumulation_steps=2))
    kept = {array for checkpoint in accumulate.checkpoints for array in checkpoint.primals}
    assert not replaced & {*update.evaluated}
    assert len(kept & {*accumulate.evaluated}) == len(named(accumulate, "adapter"))  # as the second pass left them


def test_dropout_draws_for_both_passes(tracer):
    dropped = {**NO_DROPOUT, "dropout": 0.1}
    draws = 2 * 7  # seven linear layers in two blocks
    _, plain = tracer.trace(request(lora_parameters=dropped))
    _, twice = tracer.trace(request(lora_parameters=dropped, grad_checkpoint=True))
    validate, none = tracer.trace(request())
    assert [count(tape, "RandomBits") for tape in (plain, twice, none, validate)] == [2 * draws, 4 * draws, 0, 0]
    assert {*named(plain, "random")} <= {*plain.released}
    assert not {*named(none, "random")} & {*none.released}


def test_a_checkpoint_stands_when_its_output_is_written_into():
    marked = StandIn(Keys(mx.random.key(0)), [])

    def loss(x: mx.array) -> mx.array:
        def written(x: mx.array) -> mx.array:
            x[0] = 1.0
            return x

        y = marked(written)(x)
        y[1] = 2.0
        return (x * y).sum()

    recorder = Recorder()

    def gradient(x: mx.array) -> list[mx.array]:
        return [mx.grad(loss)(x), *(array for call in marked.calls for side in call for array in side)]

    mx.export_function(recorder, gradient, mx.zeros((3,)))
    makers = {array: primitive for primitive in recorder.primitives for array in primitive.outputs}
    _, primal, output = recorder.outputs
    assert [makers[array].name for array in (primal, output)] == ["Multiply", "Add"]
    assert makers[primal].inputs[0] == recorder.inputs[0]
    assert "Reshape" not in [primitive.name for primitive in recorder.primitives]


def step_loss(model: nn.Module) -> float:
    """One step of mlx-lm's training."""
    optimizer = SGD(learning_rate=0.1)
    state = [model.state, optimizer.state, mx.random.state]
    gradient = nn.value_and_grad(model, default_loss)

    def step(batch: mx.array, lengths: mx.array) -> mx.array:
        (loss, _), grad = gradient(model, batch, lengths)
        optimizer.update(model, grad)
        return loss

    compiled = mx.compile(step, inputs=state, outputs=state)
    batch = (mx.arange(2 * 65).reshape(2, 65) * 7) % 128
    lengths = mx.array([[0, 65], [0, 40]])
    compiled(batch, lengths)
    loss = compiled(batch, lengths)
    mx.eval(state, loss)
    return loss.item()


@pytest.mark.parametrize("model_type", ["llama", "mixtral"])
def test_nothing_is_left_patched(tracer, model_type):
    def trained() -> float:
        mx.random.seed(3)
        model = model_of(config_of(model_type) | {"dtype": "float32"})
        kind = type(model.layers[0])
        forward = kind.__call__
        model.train()
        try:
            grad_checkpoint(model.layers[0])
            return step_loss(model)
        finally:
            kind.__call__ = forward

    operations = (mx.gather_mm, mx.contiguous, mx.checkpoint, mx.random.bernoulli, mx.fast.cross_entropy)
    before = trained()
    dropped = {**NO_DROPOUT, "dropout": 0.1}
    tracer.trace(request(model_type, grad_checkpoint=True, lora_parameters=dropped))
    tracer.trace(request(model_type, fine_tune_type="full"))
    with pytest.raises(Failure):
        tracer.trace(request(model_type, grad_checkpoint=True, batch=2, width=65, entries={"num_key_value_heads": 3}))
    assert (mx.gather_mm, mx.contiguous, mx.checkpoint, mx.random.bernoulli, mx.fast.cross_entropy) == operations
    assert trained() == before


@pytest.mark.parametrize("model_type", sorted({*OWN, "gemma2", "phi3", "qwen2", "qwen3", "smollm3"} - {"gemma3"}))
@pytest.mark.parametrize("kind", ["lora", "full"])
def test_models_of_many_kinds(tracer, model_type, kind):
    _, update = tracer.trace(request(model_type, fine_tune_type=kind, grad_checkpoint=True))
    assert len(update.checkpoints) == 3
    assert named(update, "adapter")


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "muon", "adafactor"])
@pytest.mark.parametrize("checkpointed", [False, True])
def test_full_fine_tuning_with_each_optimizer(tracer, optimizer, checkpointed):
    full = {"fine_tune_type": "full", "optimizer": optimizer, "grad_checkpoint": checkpointed}
    _, update = tracer.trace(request(**full))
    blocks = 2 * (4 + 3 + 2 + 7)  # the blocks' linear layers, their norms, and a bias each
    assert len(named(update, "adapter")) == blocks
    leaves = [update.shapes[array] for array in named(update, "optimizer") if update.shapes[array]]
    trained = [update.shapes[array] for array in named(update, "adapter")]
    matrices = [shape for shape in trained if len(shape) == 2]
    expected = {
        "adam": 2 * len(trained),
        "adamw": 2 * len(trained),
        "muon": len(trained),
        "sgd": len(trained),
        "adafactor": len(matrices) + len(trained),
    }
    assert len(leaves) == expected[optimizer]


def test_a_schedule_and_dora_are_in_the_tape(tracer):
    _, constant = tracer.trace(request(optimizer="sgd"))
    schedule = {"name": "cosine_decay", "arguments": [1e-5, 100], "warmup": 10}
    _, scheduled = tracer.trace(request(optimizer="sgd", lr_schedule=schedule))
    assert count(scheduled, "Cos") == count(constant, "Cos") + 1
    _, lora = tracer.trace(request())
    _, dora = tracer.trace(request(fine_tune_type="dora"))
    assert len(named(dora, "adapter")) * 2 == len(named(lora, "adapter")) * 3


def test_only_the_keys_named_train(tracer):
    _, update = tracer.trace(request(num_layers=1, lora_parameters={**NO_DROPOUT, "keys": ["self_attn.q_proj"]}))
    assert [update.shapes[array] for array in named(update, "adapter")] == [(64, 4), (4, 64)]


def test_nothing_is_read_or_made(tracer):
    mx.clear_cache()
    before = mx.get_active_memory()
    large = {"hidden_size": 4096, "intermediate_size": 12288, "vocab_size": 128000, "head_dim": 128}
    large |= {"num_attention_heads": 32, "num_key_value_heads": 8, "dtype": "bfloat16"}
    mx.reset_peak_memory()
    *_, update = tracer.trace(request("llama", 4, 2049, large, grad_checkpoint=True))
    assert (4, 2048, 128000) in update.shapes
    assert mx.get_peak_memory() - before < 1 << 20


MODELS = {
    "llama": (None, {}),
    "llama packed": (4, {}),
    "gemma3_text": (None, {"sliding_window_pattern": 2}),
    "gemma3": (None, {"text_config": config_of("gemma3")["text_config"] | {"sliding_window_pattern": 2}}),
    "qwen2_moe packed": (4, {}),
    "mistral packed": (8, {}),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_config_alone_has_the_tape_of_its_folder(tracer, tmp_path, name):
    bits, entries = MODELS[name]
    model_type = name.removesuffix(" packed")
    folder = build(tmp_path / "model[1]", model_type, bits, **entries)
    native = {"num_layers": 2, "lora_parameters": NO_DROPOUT, "grad_checkpoint": True}
    config = json.loads((folder / "config.json").read_text())
    of_folder = tracer.trace(TraceRequest(str(folder), None, native, 2, 65))
    assert count(of_folder[1], "QuantizedMatmul") + count(of_folder[1], "GatherQMM") > 0 or not bits
    assert tracer.trace(TraceRequest(None, config, native, 2, 65)) == of_folder


def test_a_folder_that_changed_is_built_again(tracer, tmp_path):
    folder = build(tmp_path / "model", "llama")
    asked = TraceRequest(str(folder), None, {"num_layers": 1}, 1, 33)
    before = tracer.trace(asked)
    write_config(folder, rope_theta=2.0, num_hidden_layers=4)
    with pytest.raises(Failure, match=r"Missing \d+ parameters"):
        tracer.trace(asked)
    write_config(folder, num_hidden_layers=3)
    assert [structure(tape) for tape in tracer.trace(asked)] == [structure(tape) for tape in before]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"num_layers": 9}, "num_layers: 9 is more than the 3 layers"),
        ({"optimizer": "lion"}, "optimizer: 'lion' is not one of"),
        ({"lr_schedule": {"name": "none"}}, "lr_schedule: mlx-lm cannot build"),
        ({"lora_parameters": {"rank": 4}}, "lora_parameters: "),
        ({"grad_accumulation_steps": 0}, "grad_accumulation_steps: 0 must be"),
        ({"fine_tune_type": "prefix"}, "fine_tune_type: 'prefix'"),
        ({"lora_parameters": {"rank": "four", "scale": 1.0, "dropout": 0.0}}, "llama cannot be made to train"),
        ({"width": 1}, "a batch has at least 1 row of 2 tokens"),
        ({"entries": {"hidden_size": "wide"}}, "llama cannot be built"),
        ({"entries": {"num_attention_heads": 5, "num_key_value_heads": 3}}, "llama cannot be traced"),
        ({"entries": {"model_file": "own.py"}}, "model_file"),
        ({"model_type": "perceptron"}, "perceptron cannot be built: Model type perceptron not supported."),
        ({"model_type": "olmo"}, "olmo cannot be built: it needs a Python package"),
        ({"model_type": "dbrx"}, "dbrx cannot be"),
    ],
)
def test_what_cannot_be_traced_is_said(tracer, changes, sentence):
    with pytest.raises(Failure) as failure:
        tracer.trace(request(**changes))
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)
