"""What tokens tell of the data is found, gone once its fix is applied, and not said of what fits."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checks.rules import check
from app.config.config import edit
from app.data.lengths import Lengths, SetLengths
from app.models.facts import ModelFacts, Source
from tests.checks.configurations import GB, fixed, found
from tests.checks.datasets import data_context, dataset, file, lengths, odd, on_hub
from tests.checks.test_fixes_together import contexts

LENGTH = "max_seq_length"
MASKED = {"mask_prompt": True, LENGTH: 64}
ALONE = MASKED | {"batch_size": 1}
SHORT = lengths({40: 100}, {40: 20})


def model(has_chat_template):
    return ModelFacts(
        "models/base", Source.FOLDER, Path("models/base"), "llama", 4, 64, 300, None, None, None, None, {}, (),
        has_chat_template, None,
    )  # fmt: skip


def prompts(counts, *prompts, odd_rows=0, first_odd=()):
    return SetLengths(tuple(counts.items()), odd_rows, first_odd, prompts=prompts)


FIRING = [
    # code, level, keys, place, context, what the fix makes of which value
    ("no-chat-template", "error", ("model", "data"), ("train", None), data_context({}, model=model(False)), None),
    (
        "no-chat-template",
        "error",
        ("model", "data"),
        ("valid", None),
        data_context({}, dataset(file(format="text"), file("valid", 20, "completions")), model=model(False)),
        None,
    ),
    (
        "untokenizable-train",
        "error",
        ("data", "model"),
        ("train", 9),
        data_context(
            {},
            dataset(file(**odd((4, "wrong-type"), (9, "empty-text")))),
            lengths=lengths(prompts({40: 98}, odd_rows=2, first_odd=(4, 9))),
        ),
        None,
    ),
    (
        "untokenizable-valid",
        "warning",
        ("data", "model"),
        ("valid", 2),
        data_context({"val_batches": 1}, lengths=lengths({40: 100}, prompts({40: 18}, odd_rows=2, first_odd=(2, 5)))),
        None,
    ),
    ("no-validation-split", "note", ("data", "hf_dataset"), None, on_hub(data_context({"data": "owner/name"})), None),
    (
        "no-validation-split",
        "warning",
        ("data", "hf_dataset"),
        None,
        on_hub(data_context({"data": "owner/name"}, lengths=lengths({40: 100}))),
        None,
    ),
    (
        "masked-wholly-train",
        "error",
        (LENGTH, "mask_prompt", "data"),
        ("train", None),
        data_context(ALONE, lengths=lengths(prompts({40: 99, 80: 1}, (20, 99), (64, 1)))),
        (LENGTH, 80),
    ),
    (
        "masked-wholly-train",
        "warning",
        (LENGTH, "mask_prompt", "data"),
        ("train", None),
        data_context(MASKED, lengths=lengths(prompts({40: 99, 80: 1}, (20, 99), (64, 1)))),
        (LENGTH, 80),
    ),
    (
        "masked-wholly-train",
        "error",
        (LENGTH, "mask_prompt", "data"),
        ("train", None),
        data_context(MASKED, lengths=lengths(prompts({900: 100}, (800, 100)))),
        ("mask_prompt", False),
    ),
    (
        "masked-wholly-valid",
        "warning",
        (LENGTH, "mask_prompt", "data"),
        ("valid", None),
        data_context(MASKED, lengths=lengths({40: 100}, prompts({70: 20}, (70, 20)))),
        (LENGTH, 71),
    ),
    ("rows-cut", "note", (LENGTH, "data"), None, data_context({}, lengths=lengths({40: 99, 2500: 1})), (LENGTH, 2500)),
    (
        "rows-cut",
        "warning",
        (LENGTH, "data"),
        None,
        data_context({}, lengths=lengths({40: 50, 2500: 50})),
        (LENGTH, 2500),
    ),
    ("rows-cut", "note", (LENGTH, "data"), None, data_context({}, lengths=lengths({40: 99, 99_999: 1})), None),
    (
        "rows-cut",
        "warning",
        (LENGTH, "data"),
        None,
        data_context({LENGTH: 512}, lengths=lengths({40: 50, 1500: 50}), total_memory=16 * GB),
        None,
    ),
    ("padding", "note", ("batch_size", "data"), None, data_context({}, lengths=lengths({40: 80, 1000: 20})), None),
    (
        "rows-fill-memory",
        "warning",
        ("data", "iters"),
        None,
        data_context({"iters": 10**7}, lengths=lengths({1000: 200_000}), total_memory=16 * GB),
        None,
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


SILENT = {
    "a split named valid": on_hub(data_context({"data": "owner/name"}, lengths=SHORT)),
    "a template": data_context({}, model=model(True)),
    "a model that does not tell": data_context({}, model=model(None)),
    "text needs no template": data_context(
        {}, dataset(file(format="text"), file("valid", 20, "text")), model=model(False)
    ),
    "a tokenizer that has a template all the same": data_context({}, model=model(False), lengths=SHORT),
    "odd rows that were told": data_context(
        {"iters": 1},
        dataset(file(**odd((4, "wrong-type"), (9, "other-format")))),
        lengths=lengths(prompts({40: 98}, odd_rows=2, first_odd=(4, 9))),
    ),
    "prompts that leave a token": data_context(ALONE, lengths=lengths(prompts({64: 100}, (63, 100)))),
    "prompts that are trained": data_context({LENGTH: 64}, lengths=lengths(prompts({64: 100}, (64, 100)))),
    "rows as long as allowed": data_context({LENGTH: 40}, lengths=SHORT),
    "rows of one length": data_context({}, lengths=lengths({1000: 100}, {1000: 20})),
    "rows in the order of their lengths": data_context(
        {}, lengths=Lengths(SetLengths(((40, 80), (1000, 20)), last=(40,) * 80 + (1000,) * 20), None)
    ),
    "batches of one row": data_context({"batch_size": 1}, lengths=lengths({40: 80, 1000: 20})),
    "a run that meets few of its rows": data_context(
        {}, dataset(file(rows=200_000)), lengths=lengths({1000: 200_000}), total_memory=16 * GB
    ),
    "a test alone": data_context(ALONE | {"train": False, "test": True}, lengths=lengths({900: 100}), total_memory=1),
}
OURS = {case[0] for case in FIRING}


@pytest.mark.parametrize("name", SILENT)
def test_what_is_no_fault_is_not_found(name):
    assert {finding.code for finding in check(SILENT[name])} & OURS == set()


LENGTHS = st.dictionaries(st.sampled_from([30, 64, 130, 500, 1000, 2048, 3000, 9000]), st.integers(1, 60), min_size=1)


@st.composite
def known_contexts(draw):
    """Any configuration whose rows are known in tokens, some of them with prompts that are masked."""
    context = draw(contexts())
    config = edit(context.config, "mask_prompt", draw(st.booleans()))
    rows, others = draw(LENGTHS), draw(st.one_of(st.none(), LENGTHS))
    masked = [
        tuple((max(1, length - 20), count) for length, count in sorted(each.items())) for each in (rows, others or {})
    ]
    sets = [
        prompts(dict(sorted((each or {}).items())), *mask) for each, mask in zip((rows, others), masked, strict=True)
    ]
    return replace(context, config=config, lengths=Lengths(sets[0], sets[1] if others else None))


def codes(context):
    return {finding.code for finding in check(context)}


@given(known_contexts())
@settings(max_examples=150, deadline=None)
def test_no_fix_fights_another(context):
    for finding in (each for each in check(context) if each.fix):
        after = fixed(context, finding)
        assert finding.code not in codes(after)
        for other in (each for each in check(after) if each.fix):
            assert finding.code not in OURS or finding.code not in codes(fixed(after, other)), (finding, other)
