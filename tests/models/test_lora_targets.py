"""What the module picker counts is what mlx-lm makes trainable, on its own model of several architectures."""

import mlx.core as mx
import pytest
from mlx.utils import tree_flatten
from mlx_lm import utils
from mlx_lm.tuner.utils import linear_to_lora_layers

from app.engine.module_tree import tree_of
from app.engine.tracing.from_config import model_of
from app.models.lora_targets import Effect, Group, choosable, effect_of, every_name, group_of, trained
from tests.models.architectures import config_of

KINDS = {
    "llama": {}, "qwen3": {}, "phi3": {}, "qwen3_moe": {}, "mixtral": {}, "gpt_oss": {}, "falcon_h1": {},
    "gemma4": {}, "mistral": {"quantization": {"group_size": 32, "bits": 4}},
    "qwen2_moe": {"quantization": {"group_size": 32, "bits": 6}},
}  # fmt: skip
RANK = 5


def build(model_type: str):
    return model_of(config_of(model_type) | KINDS[model_type])


def by_mlx_lm(model_type: str, keys, num_layers: int, method: str) -> tuple[int, int] | None:
    """Trainable and all parameters as `print_trainable_parameters` counts them; None where mlx-lm fails."""
    model = build(model_type)
    model.freeze()
    settings = {"rank": RANK, "scale": 1.0, "dropout": 0.0, **({} if keys is None else {"keys": keys})}
    try:
        linear_to_lora_layers(model, num_layers, settings, use_dora=method == "dora")
    except ValueError:
        return None
    return sum(array.size for _, array in tree_flatten(model.trainable_parameters())), utils.get_total_parameters(model)


@pytest.mark.parametrize("model_type", KINDS)
def test_every_choice_is_counted_as_mlx_lm_counts_it(model_type):
    tree = tree_of(build(model_type))
    names = [entry.name for entry in choosable(tree, -1, RANK, "lora")]
    one_layer = f"{tree.layers[0].path}.{next(iter(tree.layers[0].targets))}"
    choices = [None, names[:2], names[-2:], [*tree.outside], [one_layer], [names[0], "q_proj"]]
    refused_somewhere = any(target.dora is None for layer in tree.layers for target in layer.targets.values())
    for keys in choices:
        for num_layers in (2, -1):
            for method in ("lora", "dora"):
                ours = trained(tree, keys, num_layers, RANK, method)
                theirs = by_mlx_lm(model_type, keys, num_layers, method)
                if theirs is None:
                    assert ours.refusal, (keys, num_layers, method)
                elif not ours.refusal:
                    assert (ours.parameters, tree.parameters) == theirs, (keys, num_layers, method)
                    assert ours.share == theirs[0] / theirs[1]
                else:  # mlx-lm builds it, and its matrices do not fit: 6 bits, or a packed embedding
                    assert method == "dora" and (refused_somewhere or tree.outside)


def test_dora_on_bits_that_do_not_divide_a_word_is_refused_because_it_fails_at_the_first_step():
    tree = tree_of(build("qwen2_moe"))
    query = next(iter(tree.layers[0].targets.values()))
    assert query.bits == 6 and query.dora is None and "6-bit" in query.refusal
    model = build("qwen2_moe")
    settings = {"rank": RANK, "scale": 1.0, "dropout": 0.0, "keys": ["self_attn.q_proj"]}
    linear_to_lora_layers(model, -1, settings, use_dora=True)
    with pytest.raises(ValueError, match="matmul"):
        model(mx.zeros((1, 4), mx.int32))


def test_what_each_module_trains_adds_up_to_the_whole():
    tree = tree_of(build("qwen3_moe"))
    entries = choosable(tree, 2, RANK, "lora")
    inside = [entry for entry in entries if entry.group is not Group.OUTSIDE]
    assert sum(entry.parameters for entry in inside) == trained(tree, None, 2, RANK, "lora").parameters
    dense = next(entry for entry in entries if entry.name == "mlp.up_proj")
    assert (dense.places, dense.trained, dense.parameters) == (1, 0, 0), (
        "the first layer has no experts, and no adapter"
    )
    experts = next(entry for entry in entries if entry.name == "mlp.switch_mlp.up_proj")
    assert experts.targets[0].experts == 4 and experts.places == 2


def test_modules_come_in_the_models_order_grouped_by_what_they_belong_to():
    entries = choosable(tree_of(build("llama")), -1, RANK, "lora")
    assert [entry.name for entry in entries][:4] == [f"self_attn.{name}_proj" for name in "qkvo"]
    assert {entry.group for entry in entries[:4]} == {Group.ATTENTION}
    assert [entry.name for entry in entries if entry.group is Group.OUTSIDE] == ["model.embed_tokens", "lm_head"]


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("attention.wqkv", Group.ATTENTION), ("linear_attn.in_proj_qkv", Group.ATTENTION), ("q_proj", Group.ATTENTION),
        ("feed_forward.w1", Group.MLP), ("block_sparse_moe.switch_mlp.up_proj", Group.MLP), ("fc1", Group.MLP),
        ("self_attn.gate_proj", Group.ATTENTION), ("mamba.in_proj", Group.OTHER), ("per_layer_projection", Group.OTHER),
    ],
)  # fmt: skip
def test_a_module_is_grouped_by_its_path(name, group):
    assert group_of(name) is group


def test_keys_that_match_nothing_and_keys_that_mlx_lm_fails_on_are_told_apart():
    tree = tree_of(build("qwen3_moe"))
    keys = ["self_attn.q_proj", "q_proj", "self_attn", "model.layers.0.self_attn.q_proj", "model", "mlp.up_proj"]
    effects = {key: effect_of(tree, key, 2) for key in keys}
    assert effects["q_proj"] is effects["mlp.up_proj"] is Effect.NONE, "the first layer alone has an mlp.up_proj"
    assert effects["self_attn"] is effects["model"] is Effect.FAILS
    assert effects["model.layers.0.self_attn.q_proj"] is Effect.BY_PATH
    assert "self_attn is no linear" in trained(tree, ["self_attn"], 2, RANK, "lora").refusal
    assert trained(tree, ["q_proj"], 2, RANK, "lora").parameters == 0
    both = [keys[0], keys[3]]
    assert "wrapped twice" in trained(tree, both, -1, RANK, "lora").refusal
    assert by_mlx_lm("qwen3_moe", both, -1, "lora") is None
    assert every_name(tree) > {"self_attn.q_proj", "mlp.gate"}
