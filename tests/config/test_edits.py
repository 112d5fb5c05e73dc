"""Edits in the text: what is meant is read back, every other byte stays."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.config.document import parse
from app.config.edits import CannotEdit, put, remove, rename, same
from tests.config.yaml_files import YamlFile, yaml_files

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
PLAIN = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    TEXTS,
    st.sampled_from(["yes", "1e5", "a: b", "# x", "'", '"', "- a", "[x", "null", " lead", "{}", "*a", "a\nb"]),
)
VALUES = st.one_of(
    PLAIN,
    st.lists(PLAIN, min_size=1, max_size=3),
    st.dictionaries(TEXTS.filter(bool), st.one_of(PLAIN, st.lists(PLAIN, max_size=2)), min_size=1, max_size=3),
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)),
)


@given(yaml_files(), VALUES, st.data())
def test_put_replaces_one_value_and_no_other_byte(file: YamlFile, value: Any, data: st.DataObject) -> None:
    assume(file.values)  # an empty mapping alone has none
    path = data.draw(st.sampled_from(file.values))
    changed = put(file.text, path, value)
    assert same(parse(changed, None).data, _put(file.data, path, value))
    if same(_at(file.data, path), value):
        assert changed == file.text
    before, behind = file.around(path)
    tail, newline, rest = behind.partition("\n")
    if isinstance(value, dict | list) or isinstance(_at(file.data, path), list):
        # A block begins on a line of its own, behind the comment that stood beside the value.
        assert changed.startswith(before.rstrip())
        assert tail.strip() in changed and changed.endswith(newline + rest)
    else:
        assert changed.startswith(before) and changed.endswith(behind)


@given(yaml_files(), VALUES, st.data())
def test_put_inserts_one_entry_and_no_other_byte(file: YamlFile, value: Any, data: st.DataObject) -> None:
    parents = [(name,) for name, item in file.data.items() if isinstance(item, dict)]
    path = (*data.draw(st.sampled_from([(), *parents])), "brand_new")
    siblings = file.data if len(path) == 1 else file.data[path[0]]
    after = data.draw(st.sampled_from([None, *((*path[:-1], name) for name in siblings)]))
    changed = put(file.text, path, value, after)
    assert same(parse(changed, None).data, _put(file.data, path, value))
    assert _is_one_insertion(file.text, changed)


@given(yaml_files(), st.data())
def test_remove_takes_one_entry_and_no_other_byte(file: YamlFile, data: st.DataObject) -> None:
    several = [path for path in file.values if len(_parent(file.data, path)) > 1]
    if not several:
        return
    path = data.draw(st.sampled_from(several))
    changed = remove(file.text, path)
    assert _at(parse(changed, None).data, path) is None
    assert len(_parent(parse(changed, None).data, path)) == len(_parent(file.data, path)) - 1
    assert _is_one_insertion(changed, file.text)


@given(yaml_files(), st.data())
def test_rename_changes_one_name(file: YamlFile, data: st.DataObject) -> None:
    assume(file.values)  # an empty mapping alone has none
    path = data.draw(st.sampled_from(file.values))
    changed = rename(file.text, path, "brand_new")
    assert list(_parent(parse(changed, None).data, path)) == [
        "brand_new" if name == path[-1] else name for name in _parent(file.data, path)
    ]
    assert rename(changed, (*path[:-1], "brand_new"), path[-1]).replace('"', "") == file.text.replace('"', "")


@pytest.mark.parametrize(
    ("text", "path", "value", "wanted"),
    [
        ("iters: 5 # keep\nseed: 1", ("iters",), 7, "iters: 7 # keep\nseed: 1"),
        ("iters:\nseed: 1", ("iters",), 7, "iters: 7\nseed: 1"),
        ("iters: # none\n", ("iters",), 7, "iters: 7 # none\n"),
        ("model: 'a' # x\n", ("model",), "it's", "model: 'it''s' # x\n"),
        ('model: "a"\n', ("model",), "b", 'model: "b"\n'),
        ("model: a\n", ("model",), "yes", "model: 'yes'\n"),
        ("model: a\n", ("model",), "x\x1b[31m", 'model: "x\\e[31m"\n'),
        ("{iters: 5, model: a}", ("model",), "b, c", "{iters: 5, model: 'b, c'}"),
        ("{}", ("iters",), 7, "{iters: 7}"),
        ("{iters: 5,}", ("seed",), 7, "{iters: 5, seed: 7,}"),
        ("a: {x: 1,\n    y: 2}\n", ("a", "x"), 3, "a: {x: 3,\n    y: 2}\n"),
        ("keys:\n- a\n- b\nseed: 1\n", ("keys",), ["c"], "keys:\n- c\nseed: 1\n"),
        ("keys: [a] # k\n", ("keys",), ["c", "d"], "keys: [c, d] # k\n"),
        ("a: |\n  text\n\n# foot\nb: 1\n", ("a",), 5, "a: 5\n\n# foot\nb: 1\n"),
        ("lora_parameters: # todo\nseed: 1\n", ("lora_parameters",), {"rank": 8}, None),
        ("? iters\n: 5\n", ("iters",), 7, "? iters\n: 7\n"),
        ("iters: 5\niters: 6\n", ("iters",), 7, "iters: 5\niters: 7\n"),
        ("a: &x 5\nb: *x\nc: 1\n", ("c",), 2, "a: &x 5\nb: *x\nc: 2\n"),
        ("a: &x 5\nb: *x\n", ("b",), 2, "a: &x 5\nb: 2\n"),
        ("base: &b {iters: 5}\n<<: *b\n", ("iters",), 7, "base: &b {iters: 5}\n<<: *b\niters: 7\n"),
        ("iters: !!int '5'\n", ("iters",), 7, "iters: 7\n"),
        ("'iters': 5\n", ("iters",), 7, "'iters': 7\n"),
        ("lr: &s # c\n  a: 1\n  b: 2\n", ("lr",), {"a": 1, "b": 3}, "lr: &s # c\n  a: 1\n  b: 3\n"),
    ],
)
def test_ways_of_writing(text: str, path: tuple[str, ...], value: Any, wanted: str | None) -> None:
    assert put(text, path, value) == (wanted or "lora_parameters: # todo\n  rank: 8\nseed: 1\n")


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a: &x 5\nb: *x\n", ("a",), 7),
        ("a: &x {n: 1}\nb: *x\n", ("a", "n"), 2),
        ("a: &x {n: 1}\nb: *x\n", ("b", "n"), 2),
        ("a: 5\n", ("a", "n"), 2),
        ("a: 5\n", ("b", "n"), 2),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str, path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(CannotEdit, match=r"rewritten file"):
        put(text, path, value)


def test_a_changed_structure_keeps_the_comments_of_what_stays() -> None:
    text = "lr_schedule:\n  name: cosine_decay # shape\n  # the rate\n  arguments: [1e-5, 100]\n"
    new = {"name": "cosine_decay", "arguments": [1e-5, 200], "warmup": 10}
    assert put(text, ("lr_schedule",), new) == (
        "lr_schedule:\n  name: cosine_decay # shape\n  # the rate\n  arguments: [1e-5, 200]\n  warmup: 10\n"
    )


def test_remove_takes_every_duplicate() -> None:
    assert remove("a: 1\nb: 2\na: 3\n", ("a",)) == "b: 2\n"


def test_the_last_entry_is_not_removed_into_an_empty_file() -> None:
    with pytest.raises(CannotEdit):
        remove("a: 1\n", ("a",))


def test_same_tells_kinds_apart() -> None:
    assert not same(1, 1.0) and not same(True, 1) and not same([1], [True])
    assert same({"a": [float("nan")]}, {"a": [float("nan")]})


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _parent(data: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    return data[path[0]] if len(path) > 1 else data


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    if len(path) == 1:
        return {**data, path[0]: value}
    return {**data, path[0]: {**data[path[0]], path[1]: value}}


def _is_one_insertion(short: str, long: str) -> bool:
    added = len(long) - len(short)
    return added > 0 and any(short[:i] == long[:i] and short[i:] == long[i + added :] for i in range(len(short) + 1))


def test_a_list_right_under_its_key_gives_way_to_a_mapping():
    text = "lora_parameters:\n keys:\n - a\n - b\n rank: 8\n"
    assert put(text, ("lora_parameters", "keys"), {"a": 1}) == "lora_parameters:\n keys:\n  a: 1\n rank: 8\n"
