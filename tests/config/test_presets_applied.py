"""What a preset makes of a configuration: its values, the views that follow, and what it says of them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config.config import Config, Origin, defaults, edit, native
from app.config.dialect import resolve
from app.config.document import parse, read
from app.config.preset_apply import Change, Choice, apply
from app.config.render import render
from app.config.stock import alike, differences
from tests.config.preset_files import SHIPPED, preset_of
from tests.config.stock_reader import stock_arguments

RANK, SCALE, ALPHA, DROPOUT = "lora_parameters.rank", "lora_parameters.scale", "lora_alpha", "lora_parameters.dropout"
REFERENCE = (Path(__file__).parent / "fixtures" / "reference.yaml").read_text()

EDITS: dict[str, st.SearchStrategy[Any]] = {
    "batch_size": st.integers(1, 8),
    "max_seq_length": st.integers(2, 4096),
    "num_layers": st.integers(-1, 40),
    "grad_accumulation_steps": st.integers(1, 32),
    RANK: st.integers(1, 64),
    SCALE: st.floats(0.01, 40),
    ALPHA: st.integers(1, 64),
    DROPOUT: st.floats(0, 0.5),
    "fine_tune_type": st.sampled_from(["lora", "dora", "full"]),
}
CONFIGS = st.lists(st.sampled_from(sorted(EDITS)).flatmap(lambda key: st.tuples(st.just(key), EDITS[key])), max_size=6)
OPENED = [
    "model: m\ntrain: true\n",
    REFERENCE,
    "lora_parameters: {rank: 4, scale: 20.0, dropout: 0.0, keys: [self_attn.q_proj]}  # mine\nbatch_size: 8 # rows\n",
    "lora_rank: 4\nlora_alpha: 16\nbatch_size: 4\n",
    "lora_alpha: 32\nlora_parameters:\n  rank: 16\n  scale: 2.0\n  dropout: 0.05\r\n",
    "lora_layers: 4\nuse_dora: true\nlr: 1e-4\n",
]


def configured(edits: list[tuple[str, Any]]) -> Config:
    config = defaults()
    for key, value in edits:
        config = edit(config, key, value)
    return config


def resolved(text: str) -> Config:
    return resolve(parse(text, None)).config


def changes_of(preset_id: str, config: Config, **options: Any) -> dict[str, Change]:
    return {one.key: one for one in apply(SHIPPED[preset_id], config, **options).changes}


def test_a_preset_on_the_defaults_says_each_change_and_its_reason():
    applied = apply(SHIPPED["anti-forgetting"], defaults())
    assert applied.changes == (
        Change(ALPHA, 160.0, 8, "Match rank or lower"),
        Change("num_layers", 16, 12, "Fewer layers = more preserved base model"),
        Change(DROPOUT, 0.0, 0.1, "Regularization"),
        Change(SCALE, 20.0, 1.0, "", "follows: alpha / rank"),
    )
    assert [one.key for one in applied.already] == ["learning_rate", RANK]
    assert applied.already[1] == Change(RANK, 8, 8, "Lower rank = less adaptation")


def test_all_that_it_sets_comes_from_the_preset_also_what_stood_so_before():
    config = edit(defaults(), "learning_rate", 1e-5)
    origins = apply(SHIPPED["anti-forgetting"], config).config.origins
    assert {key for key, origin in origins.items() if origin is Origin.PRESET} == {
        "learning_rate", RANK, SCALE, ALPHA, DROPOUT, "num_layers",
    }  # fmt: skip


@pytest.mark.parametrize("preset_id", sorted(SHIPPED))
@given(edits=CONFIGS, depth=st.one_of(st.none(), st.integers(1, 40)))
def test_twice_is_once(preset_id, edits, depth):
    once = apply(SHIPPED[preset_id], configured(edits), _half, depth)
    twice = apply(SHIPPED[preset_id], once.config, _half, depth)
    assert twice.config == once.config and not twice.changes
    assert {one.key for one in twice.already} == {one.key for one in SHIPPED[preset_id].settings}


@given(edits=CONFIGS)
def test_changes_are_all_that_changes(edits):
    before = configured(edits)
    for preset in SHIPPED.values():
        applied = apply(preset, before)
        assert {one.key: (one.before, one.after) for one in applied.changes} == {
            key: (value, applied.config.values[key])
            for key, value in before.values.items()
            if value != applied.config.values[key]
        }


@pytest.mark.parametrize("preset_id", sorted(SHIPPED))
@pytest.mark.parametrize("text", OPENED, ids=range(len(OPENED)))
def test_a_file_saved_with_a_preset_says_so_to_us_and_to_mlx_lm(preset_id, text, tmp_path):
    document = parse(text, None)
    config = apply(SHIPPED[preset_id], resolve(document).config).config
    path = tmp_path / "train.yaml"
    path.write_text(render(document, config), newline="")
    again = resolve(read(path))
    assert not again.problems and not differences(again.document, config)
    assert dict(again.config.values) == dict(config.values)
    theirs = stock_arguments(path)
    assert [key for key, value in native(config).items() if not alike(value, theirs[key])] == []
    assert not apply(SHIPPED[preset_id], again.config).changes


def test_memory_is_asked_about_the_configuration_as_the_preset_makes_it():
    asked: list[tuple[str, int, int, dict[str, Any]]] = []

    def choose(config: Config, key: str, low: int, high: int) -> Choice:
        asked.append((key, low, high, dict(config.values)))
        return Choice(high - 1, "as it fits")

    changes = changes_of("max-quality", edit(defaults(), "grad_checkpoint", True), choose=choose)
    assert [one[:3] for one in asked] == [("max_seq_length", 1024, 2048), ("batch_size", 2, 4)]
    first, second = asked[0][3], asked[1][3]
    assert (first["max_seq_length"], first["batch_size"], first["grad_checkpoint"], first[RANK]) == (1024, 2, False, 16)
    assert (second["max_seq_length"], second["batch_size"]) == (2047, 2)
    assert changes["max_seq_length"].after == 2047 and changes["batch_size"].after == 3
    assert changes["batch_size"].note == "of 2 to 4: as it fits"


def test_where_memory_is_not_known_the_low_end_is_taken_and_said():
    change = changes_of("16gb", defaults())["max_seq_length"]
    assert (change.before, change.after) == (2048, 512)
    assert change.note == "of 512 to 1024: the low end, since memory is not known yet"


def test_a_value_in_a_range_that_does_not_ask_memory_stays():
    config = edit(edit(defaults(), "grad_accumulation_steps", 12), ALPHA, 24)
    assert apply(SHIPPED["16gb"], config).config.values["grad_accumulation_steps"] == 12
    applied = apply(SHIPPED["max-quality"], config).config
    assert (applied.values[ALPHA], applied.values[SCALE]) == (24, 1.5)
    assert changes_of("16gb", edit(config, "grad_accumulation_steps", 17))["grad_accumulation_steps"].after == 8


def test_a_default_in_the_range_gives_way_to_what_the_preset_names(tmp_path):
    preset = preset_of(tmp_path, "preset: {}\nlearning_rate: {range: [1e-6, 1e-4], take: 5e-5}\n")
    assert apply(preset, defaults()).config.values["learning_rate"] == 5e-5


@pytest.mark.parametrize(("depth", "layers"), [(None, 12), (40, 12), (12, 12), (4, 4), (1, 1)])
def test_layers_are_no_more_than_the_model_has_and_that_is_said(depth, layers):
    change = changes_of("16gb", defaults(), depth=depth)["num_layers"]
    assert change.after == layers
    assert change.note == ("" if layers == 12 else f"12 is more than the model's {depth}")


def test_all_layers_stay_all_of_them(tmp_path):
    preset = preset_of(tmp_path, "num_layers: -1\n")
    assert apply(preset, defaults(), depth=4).config.values["num_layers"] == -1


@pytest.mark.parametrize(
    ("entries", "before", "expected"),
    [
        ("lora_rank: 16", {ALPHA: 8}, (16, 8, 0.5)),
        ("lora_rank: 16", {SCALE: 2.0}, (16, 32, 2.0)),
        ("lora_alpha: 16\nlora_rank: 4", {SCALE: 2.0}, (4, 16, 4.0)),
        ("lora_rank: 4\nlora_parameters.scale: 2.0", {ALPHA: 8}, (4, 8, 2.0)),
        ("lora_parameters.scale: 2.0\nlora_rank: 4", {ALPHA: 8}, (4, 8, 2.0)),
    ],
)
def test_rank_alpha_and_scale_move_as_when_they_are_typed(tmp_path, entries, before, expected):
    config = apply(preset_of(tmp_path, f"preset: {{}}\n{entries}\n"), configured(list(before.items()))).config
    assert (config.values[RANK], config.values[ALPHA], config.values[SCALE]) == expected


@pytest.mark.parametrize("entries", ["use_dora: true\nfine_tune_type: lora", "fine_tune_type: dora", "use_dora: true"])
def test_dora_is_one_thing_by_either_name(tmp_path, entries):
    applied = apply(preset_of(tmp_path, f"preset: {{}}\n{entries}\n"), defaults())
    assert applied.config.values["use_dora"] is True and applied.config.values["fine_tune_type"] == "dora"
    assert {one.key for one in applied.changes} == {"use_dora", "fine_tune_type"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=CONFIGS)
def test_a_preset_leaves_alone_what_it_does_not_name(edits):
    before = configured(edits)
    after = apply(SHIPPED["16gb"], before).config
    own = {one.key for one in SHIPPED["16gb"].settings}
    assert all(after.values[key] == value for key, value in before.values.items() if key not in own)
    assert all(after.origins[key] == origin for key, origin in before.origins.items() if key not in own)


def _half(_: Config, __: str, low: int, high: int) -> Choice:
    return Choice((low + high) // 2, "half way")
