"""A configuration's values, its two pairs of views, and the mapping the trainer gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.config import Origin, defaults, edit, native
from app.config.registry import BY_KEY

RANK, SCALE, ALPHA = "lora_parameters.rank", "lora_parameters.scale", "lora_alpha"


def test_every_parameter_has_a_value_and_an_origin() -> None:
    config = defaults()
    assert set(config.values) == set(config.origins) == set(BY_KEY)
    assert set(config.origins.values()) == {Origin.DEFAULT}
    assert config.values[ALPHA] == 160 and config.values["use_dora"] is False


def test_scale_is_the_anchor_until_alpha_is_typed() -> None:
    config = edit(defaults(), RANK, 16)
    assert (config.values[SCALE], config.values[ALPHA], config.alpha) == (20.0, 320, None)
    config = edit(config, ALPHA, 8)
    assert (config.values[SCALE], config.values[ALPHA], config.alpha) == (0.5, 8, 8)
    config = edit(config, RANK, 4)
    assert (config.values[SCALE], config.values[ALPHA]) == (2.0, 8)
    config = edit(config, SCALE, 3.0)
    assert (config.values[ALPHA], config.alpha) == (12, None)
    assert edit(config, RANK, 8).values[SCALE] == 3.0


@given(st.integers(1, 512), st.floats(1e-3, 1e3))
def test_alpha_is_scale_times_rank(rank: int, alpha: float) -> None:
    config = edit(edit(defaults(), ALPHA, alpha), RANK, rank)
    assert config.values[SCALE] * rank == pytest.approx(alpha)


def test_dora_and_the_method_are_one() -> None:
    config = edit(defaults(), "use_dora", True)
    assert config.values["fine_tune_type"] == "dora"
    assert config.origins["fine_tune_type"] is Origin.TYPED
    assert edit(config, "fine_tune_type", "lora").values["use_dora"] is False
    assert edit(config, "use_dora", False).values["fine_tune_type"] == "lora"
    full = edit(config, "fine_tune_type", "full")
    assert edit(full, "use_dora", False).values["fine_tune_type"] == "full"


def test_an_edit_marks_what_it_changed_and_leaves_the_old_configuration() -> None:
    before = edit(defaults(), ALPHA, 8, Origin.FILE)
    after = edit(before, RANK, 16, Origin.PRESET)
    assert before.values[RANK] == 8
    assert {key for key, origin in after.origins.items() if origin is Origin.PRESET} == {RANK, SCALE}
    assert after.origins[ALPHA] is Origin.FILE


def test_native_adds_to_the_defaults_only_what_is_said() -> None:
    assert "hf_dataset" not in native(defaults()) and "text_feature" not in native(defaults())
    assert native(defaults())["lora_parameters"] == {"rank": 8, "scale": 20.0, "dropout": 0.0}
    config = edit(edit(defaults(), "text_feature", "body"), "lora_parameters.keys", ["self_attn.q_proj"])
    assert native(config)["text_feature"] == "body"
    assert native(config)["lora_parameters"]["keys"] == ["self_attn.q_proj"]
    assert not {"lora_alpha", "use_dora", "lora_parameters.rank"} & set(native(config))
