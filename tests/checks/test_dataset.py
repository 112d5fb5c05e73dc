"""Every fault of the data is found, in its place; what a fix mends is silent then, and sound data is left alone."""

from dataclasses import replace

import pytest

from app.checks.odd_rows import HARMS, LAST_NOT_ASSISTANT
from app.checks.rules import check
from app.data.dataset import DatasetFacts, Duplicates
from app.data.rows import RowCounts
from tests.checks.configurations import config_of, context_of, fixed, found
from tests.checks.datasets import data_context, dataset, file, odd, scanned
from tests.data.corpus import FAILING, SOUND, TAUGHT_OTHERWISE, UNREADABLE

PASSES = {"iters": 1000, "batch_size": 1}
MASKED = {"mask_prompt": True}
SHARED = Duplicates(3, ((2, 7), (4, 9)))
HUB = {"path": "owner/name"}


def alarms(context):
    return [finding.message for finding in check(context) if finding.level != "note"]


# The corpus


@pytest.mark.parametrize("case", UNREADABLE + FAILING, ids=lambda case: case.name)
def test_what_keeps_mlx_lm_from_training_is_an_error_at_its_first_line(case, tmp_path):
    findings = check(data_context(PASSES, dataset(scanned(tmp_path, case))))
    errors = {finding.code: finding.line for finding in findings if finding.level == "error"}
    expected = {code: line for line, code in reversed(case.odd) if code != "empty-text"}
    assert errors == ({"data-unreadable": None} if case.problem else expected)
    assert all(". " not in finding.message for finding in findings)


@pytest.mark.parametrize("case", TAUGHT_OTHERWISE, ids=lambda case: case.name)
def test_what_teaches_otherwise_is_no_error_and_at_its_line(case, tmp_path):
    findings = found(data_context(PASSES | MASKED, dataset(scanned(tmp_path, case))))
    ((line, code),) = case.odd
    assert (findings[code].file, findings[code].line) == (str(tmp_path / "train.jsonl"), line)
    assert findings[code].level == ("note" if code == "content-parts" else "warning")


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_sound_data_raises_no_alarm(case, tmp_path):
    facts = DatasetFacts(*(replace(scanned(tmp_path, case, name), rows=40) for name in ("train", "valid", "test")))
    for values in ({}, PASSES, {"train": False, "test": True}, *([] if case.format == "text" else [MASKED])):
        assert alarms(data_context(values, facts)) == []


def test_every_code_of_the_corpus_has_a_rule():
    codes = {code for case in UNREADABLE + FAILING + TAUGHT_OTHERWISE for _, code in case.odd}
    assert codes | {"too-long"} == {*HARMS, LAST_NOT_ASSISTANT}  # a row of 64 MiB is in no corpus


# Each rule


SPLITS_IN_COMMON = {**HUB, "train_split": "train", "prompt_feature": "q"}
BAD = odd((5, "missing-key"))
FIRING = [
    # code, level, keys, place, context, what the fix makes of which value
    (
        "data-unreadable",
        "error",
        ("data",),
        ("test", None),
        data_context({}, dataset(test=file("test", 0, None, problem="It is empty."))),
        None,
    ),
    (
        "blank-line",
        "error",
        ("data",),
        ("test", 7),
        data_context({}, dataset(test=file("test", **odd((7, "blank-line"))))),
        None,
    ),
    ("missing-key", "error", ("data",), ("train", 5), data_context({}, dataset(file(**BAD))), None),
    ("missing-key", "warning", ("data",), ("train", 5), data_context({"iters": 1}, dataset(file(**BAD))), None),
    (
        "missing-key",
        "warning",
        ("data",),
        ("valid", 5),
        data_context({"val_batches": 1}, dataset(valid=file("valid", 20, **BAD))),
        None,
    ),
    (
        "missing-key",
        "error",
        ("data",),
        ("valid", 5),
        data_context({"val_batches": -1}, dataset(valid=file("valid", 20, **BAD))),
        None,
    ),
    (
        "masked-text",
        "error",
        ("mask_prompt", "data"),
        None,
        data_context(MASKED, dataset(valid=file("valid", 20, "text"))),
        ("mask_prompt", False),
    ),
    (
        LAST_NOT_ASSISTANT,
        "warning",
        ("mask_prompt", "data"),
        ("train", 4),
        data_context(MASKED, dataset(file(**odd((4, LAST_NOT_ASSISTANT))))),
        ("mask_prompt", False),
    ),
    (
        "masked-answers",
        "note",
        ("mask_prompt", "data"),
        ("train", None),
        data_context(MASKED, dataset(file(conversations=8))),
        None,
    ),
    (
        "formats-differ",
        "warning",
        ("data",),
        ("valid", 1),
        data_context({}, dataset(valid=file("valid", 20, "text"))),
        None,
    ),
    (
        "no-validation",
        "note",
        ("data", "steps_per_eval"),
        ("train", None),
        data_context({}, DatasetFacts(file(), None, None)),
        None,
    ),
    (
        "repeated-rows-in-data",
        "note",
        ("data",),
        ("train", 2),
        data_context({}, dataset(file(duplicates=SHARED))),
        None,
    ),
    (
        "validation-in-training",
        "warning",
        ("data",),
        ("valid", 2),
        data_context({}, dataset(valid_in_train=SHARED)),
        None,
    ),
    (
        "validation-in-training",
        "note",
        ("data",),
        ("valid", 2),
        data_context({}, dataset(valid=file("valid", 1000), valid_in_train=SHARED)),
        None,
    ),
    (
        "test-in-training",
        "warning",
        ("data",),
        ("test", 2),
        data_context({"test": True}, dataset(test=file("test", 20), test_in_train=SHARED)),
        None,
    ),
    ("rows-left-over", "note", ("batch_size", "data"), None, context_of(config_of({}), RowCounts(1001)), None),
    (
        "rows-never-trained",
        "warning",
        ("batch_size", "data"),
        None,
        context_of(config_of({}), RowCounts(10)),
        ("batch_size", 3),
    ),
    (
        "rows-never-trained",
        "warning",
        ("batch_size", "data"),
        None,
        context_of(config_of({"batch_size": 64}), RowCounts(100)),
        ("batch_size", 50),
    ),
    (
        "validation-split-in-training",
        "warning",
        ("hf_dataset",),
        None,
        data_context({"hf_dataset": SPLITS_IN_COMMON}),
        ("hf_dataset", SPLITS_IN_COMMON | {"train_split": "train[:90%]", "valid_split": "train[-10%:]"}),
    ),
    (
        "no-test-split",
        "error",
        ("hf_dataset", "test"),
        None,
        data_context({"hf_dataset": HUB, "test": True}),
        ("test", False),
    ),
]


@pytest.mark.parametrize(("code", "level", "keys", "place", "context", "mended"), FIRING)
def test_a_fault_is_found_in_its_place_and_gone_once_mended(code, level, keys, place, context, mended):
    finding = found(context)[code]
    assert (finding.level, finding.keys) == (level, keys)
    assert (finding.file, finding.line) == ((f"rows/{place[0]}.jsonl", place[1]) if place else ("", None))
    for sentence in (finding.message, finding.why):
        assert sentence.endswith(".") and ". " not in sentence and "\n" not in sentence
    assert (finding.fix is not None) is (mended is not None)
    if mended:
        after = fixed(context, finding)
        assert after.values[mended[0]] == mended[1] and code not in found(after)


def test_many_rows_with_one_fault_are_one_finding():
    facts = file(**odd((3, "blank-line"), (8, "blank-line"), (9, "not-json"), blank_line=40))
    findings = found(data_context({}, dataset(facts)))
    assert findings["blank-line"].message.startswith("train.jsonl line 3 and 41 rows more: it is odd, so mlx-lm")
    assert findings["not-json"].message.startswith("train.jsonl line 9: ")


def test_rows_that_no_run_reads_are_left_alone():
    """Of a file that is read all the same, as mlx-lm reads them all."""
    test = file("test", **odd((2, "missing-key"), (3, "not-json")))
    assert [f.code for f in check(data_context({}, dataset(test=test))) if f.level != "note"] == ["not-json"]
    assert "missing-key" in found(data_context({"test": True}, dataset(test=test)))


def test_a_folder_beside_a_dataset_of_the_hub_does_not_count():
    broken = dataset(file(**odd((3, "blank-line"))), valid_in_train=SHARED)
    assert alarms(data_context({"hf_dataset": HUB}, broken)) == []


@pytest.mark.parametrize(
    ("train", "valid", "in_common"),
    [
        (None, None, False),
        ("train", None, True),
        ("train[:95%]", None, True),
        ("train[:90%]", None, False),
        ("train[20%:]", "validation", False),
        ("train", "train", True),
        ("train[:50%]", "train[50%:]", False),
        ("train[-30%:-10%]", "train[-10%:]", False),
        ("train[:1000]", "train[1000:]", False),
        ("train+extra", "validation", False),
    ],
)
def test_splits_in_common_are_told_from_others(train, valid, in_common):
    splits = {key: split for key, split in (("train_split", train), ("valid_split", valid)) if split}
    for one in (HUB | splits, [HUB, HUB | splits]):
        assert ("validation-split-in-training" in found(data_context({"hf_dataset": one}))) is in_common
