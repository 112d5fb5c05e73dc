"""The registry against the user's reference, and against itself."""

import pytest
import yaml

from app.config.groups import GROUPS
from app.config.parameter import Kind, Parameter
from app.config.registry import BY_KEY, PARAMETERS, find, in_group
from tests.config.fixtures.reference import COMPLETE_EXAMPLE, TABLES, UNSTATED

KINDS = {
    "string": {Kind.TEXT, Kind.PATH, Kind.CHOICE},
    "boolean": {Kind.SWITCH},
    "integer": {Kind.INTEGER},
    "float": {Kind.NUMBER},
}

# Where mlx-lm, or arithmetic, says otherwise than the reference: {name: what the registry holds}.
OTHER_DEFAULT = {"optimizer": "adam"}
OTHER_KIND = {"lora_alpha": Kind.NUMBER}  # scale × rank need not be whole

BEYOND_THE_REFERENCE = {
    "core": ["hf_dataset", "prompt_feature", "completion_feature", "chat_feature", "text_feature"],
    "method": [],
    "optimizer": ["optimizer_config"],
    "lora": ["lora_parameters.scale", "lora_parameters.keys"],
    "hyperparameters": ["lr_schedule"],
    "monitoring": [],
    "evaluation": [],
    "advanced": ["trust_remote_code", "clear_cache_threshold"],
}

ROWS = [pytest.param(group, row, id=row.name) for group, rows in TABLES.items() for row in rows]


def known(name: str) -> Parameter:
    parameter = find(name)
    assert parameter is not None, name
    return parameter


@pytest.mark.parametrize(("group", "row"), ROWS)
def test_every_row_of_the_reference_is_registered_as_written(group, row):
    parameter = known(row.name)
    assert parameter.group == group
    assert parameter.choices == row.options
    if row.name in OTHER_KIND:
        assert parameter.kind is OTHER_KIND[row.name]
    else:
        assert parameter.kind in KINDS[row.type]
    if row.default is not UNSTATED:
        assert parameter.default == OTHER_DEFAULT.get(row.name, row.default)
    if row.typical:
        assert parameter.typical == row.typical


@pytest.mark.parametrize(("group", "row"), ROWS)
def test_the_advice_of_the_reference_is_given(group, row):
    parameter = known(row.name)
    said = " ".join((parameter.help, parameter.typical, parameter.memory, parameter.quality))
    assert [value for value in row.advice if value not in said] == []


@pytest.mark.parametrize("name", OTHER_DEFAULT)
def test_help_names_both_defaults_where_the_reference_differs(name):
    stated = next(row.default for rows in TABLES.values() for row in rows if row.name == name)
    assert str(stated) in known(name).help
    assert str(known(name).default) in known(name).help


def test_groups_are_those_of_the_reference_in_its_order():
    assert [group.id for group in GROUPS] == list(TABLES)


@pytest.mark.parametrize("group", TABLES)
def test_a_group_holds_the_reference_and_the_listed_additions_and_no_more(group):
    expected = {known(row.name).key for row in TABLES[group]} | set(BEYOND_THE_REFERENCE[group])
    assert {parameter.key for parameter in in_group(group)} == expected


def test_the_complete_example_is_within_bounds():
    for name, value in COMPLETE_EXAMPLE.items():
        parameter = known(name)
        assert value not in parameter.forbidden
        assert parameter.minimum is None or value >= parameter.minimum
        assert parameter.maximum is None or value <= parameter.maximum
        assert not parameter.choices or value in parameter.choices


def test_no_name_means_two_parameters():
    names = [name for p in PARAMETERS for name in {p.key, p.flat or p.key, *p.aliases}]
    assert len(names) == len(set(names))


def test_names_are_found_by_key_flat_name_alias_and_with_hyphens():
    assert known("lora_parameters.rank") is known("lora_rank") is known("lora-rank") is known("r")
    assert known("lora-layers") is BY_KEY["num_layers"]
    assert known("lora_parameters.alpha") is BY_KEY["lora_alpha"]
    assert known("gradient_accumulation_steps") is BY_KEY["grad_accumulation_steps"]


@pytest.mark.parametrize("name", ["", "epochs", "warmup_steps", "weight_decay", "max_steps", "config"])
def test_a_name_that_means_something_else_is_not_found(name):
    assert find(name) is None


def test_views_default_to_what_they_show():
    scale, rank = BY_KEY["lora_parameters.scale"].default, BY_KEY["lora_parameters.rank"].default
    assert BY_KEY["lora_alpha"].default == scale * rank
    assert BY_KEY["use_dora"].default is (BY_KEY["fine_tune_type"].default == "dora")


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.key)
def test_texts_fit_a_form(parameter):
    assert 0 < len(parameter.label) <= 20
    assert 0 < len(parameter.help) <= 300
    assert parameter.help.endswith(".")
    for effect in (parameter.memory, parameter.speed, parameter.quality):
        assert len(effect) <= 100
        assert not effect or effect.endswith(".")


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.key)
def test_a_default_is_of_its_kind_and_within_its_bounds(parameter):
    types = {
        Kind.INTEGER: int, Kind.NUMBER: float, Kind.SWITCH: bool, Kind.TEXT: str, Kind.PATH: str,
        Kind.CHOICE: str, Kind.NAMES: list, Kind.STRUCTURE: dict,
    }  # fmt: skip
    if parameter.default is None:
        assert parameter.optional
    else:
        assert type(parameter.default) is types[parameter.kind]
        assert parameter.default not in parameter.forbidden
        assert parameter.minimum is None or parameter.minimum <= parameter.default
        assert parameter.maximum is None or parameter.default <= parameter.maximum
    assert bool(parameter.choices) is (parameter.kind is Kind.CHOICE)


@pytest.mark.parametrize("key", [p.key for p in PARAMETERS if p.kind is Kind.STRUCTURE])
def test_the_example_of_a_structure_is_yaml(key):
    assert isinstance(yaml.safe_load(BY_KEY[key].typical), dict)
