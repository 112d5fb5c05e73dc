"""What the rules say of data, seen in mlx-lm itself: a new release that does otherwise fails here."""

import io
import json
import math
import random
from types import SimpleNamespace

import datasets
import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten
from mlx_lm import lora
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.datasets import CacheDataset, load_dataset
from mlx_lm.tuner.trainer import iterate_batches
from mlx_lm.utils import load, load_tokenizer

from app.checks.odd_rows import HARMS, Stage
from app.data.dataset import DatasetFacts
from app.data.lengths import SetLengths
from tests.checks.configurations import fixed, found
from tests.checks.datasets import data_context, dataset, file, lengths, on_hub
from tests.data.corpus import ALL, CHAT, FAILING, LOAD, PAIR, SOUND, TEXT, UNREADABLE, OddFile, answered, lines, said
from tests.tiny import tiny, tiny_config  # noqa: F401


@pytest.fixture(autouse=True, scope="module")
def uncompiled():
    """Compiling the tiny model's step takes seconds and changes nothing here."""
    mx.disable_compile()
    yield
    mx.enable_compile()


@pytest.fixture(scope="module")
def tokenizer(tiny):  # noqa: F811
    return load_tokenizer(tiny / "model")


def write(folder, **files):
    for name, content in files.items():
        (folder / f"{name}.jsonl").write_bytes(content)


def read_by_mlx_lm(folder, tokenizer, **config):
    """The training set of a data folder, as `mlx_lm.lora` gets it."""
    args = SimpleNamespace(**{"data": str(folder), "train": True, "test": False, "mask_prompt": False, **config})
    return load_dataset(args, tokenizer)[0]


def lines_that_fail(rows):
    failing = []
    for place in range(len(rows)):
        try:
            tokens, _ = rows.process(rows[place])
            np.zeros(len(tokens), np.int32)[:] = tokens  # as iterate_batches does
        except Exception:
            failing.append(place + 1)
    return tuple(failing)


class Notes(TrainingCallback):
    def __init__(self):
        self.losses, self.validations = [], []

    def on_train_loss_report(self, train_info):
        self.losses.append(train_info["train_loss"])

    def on_val_loss_report(self, val_info):
        self.validations.append(val_info["val_loss"])


def trained(tiny, folder, **changes):  # noqa: F811
    """What mlx-lm tells of a training on the data in `folder`, and the trained weights."""
    config = tiny_config(tiny, folder / "adapters", data=str(folder), **{"iters": 2, "steps_per_report": 1, **changes})
    args = SimpleNamespace(**lora.CONFIG_DEFAULTS | config)
    model, tokenizer = load(args.model)
    train, valid, _ = load_dataset(args, tokenizer)
    notes = Notes()
    lora.train_model(args, model, train, valid, notes)
    return notes, dict(tree_flatten(model.trainable_parameters()))


# The corpus


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_mlx_lm_makes_of_an_odd_file_what_the_corpus_says(case: OddFile, tmp_path, tokenizer):
    write(tmp_path, train=case.content)
    if case.fails == LOAD:
        with pytest.raises((ValueError, TypeError, IndexError, RecursionError)):
            read_by_mlx_lm(tmp_path, tokenizer, **case.config)
    else:
        rows = read_by_mlx_lm(tmp_path, tokenizer, **case.config)
        assert (len(rows), lines_that_fail(rows)) == (case.rows, case.fails)


def without_odd_lines(case):
    """What is left once a person has deleted the lines that were found; the lines are Python's."""
    text = io.TextIOWrapper(io.BytesIO(case.content), encoding="utf-8", errors="surrogateescape")
    odd = {line for line, code in case.odd}
    return "".join(line for number, line in enumerate(text, 1) if number not in odd).encode("utf-8", "surrogateescape")


MENDABLE = [
    case
    for case in UNREADABLE + FAILING
    if case.odd and case.odd[0][1] != "json-array" and without_odd_lines(case).strip(b"\0\n")
]


@pytest.mark.parametrize("case", MENDABLE, ids=lambda case: case.name)
def test_without_the_lines_that_were_found_every_row_is_read(case, tmp_path, tokenizer):
    write(tmp_path, train=without_odd_lines(case))
    rows = read_by_mlx_lm(tmp_path, tokenizer)
    assert len(rows) > 0 and lines_that_fail(rows) == ()


def test_most_of_what_is_broken_can_be_mended_so():
    assert len(MENDABLE) > len(UNREADABLE + FAILING) * 0.7


def test_an_odd_row_ends_a_training_when_its_batch_comes(tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=lines(CHAT, CHAT, TEXT, CHAT), valid=lines(CHAT))
    with pytest.raises(KeyError, match="messages"):
        trained(tiny, tmp_path, batch_size=1, iters=4)
    write(tmp_path, train=lines(CHAT, CHAT, CHAT))
    assert math.isfinite(trained(tiny, tmp_path, batch_size=1)[0].losses[-1])


@pytest.mark.parametrize("case", [case for case in SOUND if len(case.content) < 1000], ids=lambda case: case.name)
def test_what_is_sound_trains(case, tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=case.content, valid=case.content)
    notes, _ = trained(tiny, tmp_path, batch_size=1, **case.config)
    assert len(notes.losses) == 2 and all(map(math.isfinite, notes.losses + notes.validations))


# The files together


@pytest.mark.parametrize("content", [b"", lines(TEXT, b"")], ids=["empty", "a blank line"])
@pytest.mark.parametrize("name", ["valid", "test"])
def test_a_file_that_no_run_uses_is_read_all_the_same(name, content, tmp_path, tokenizer):
    write(tmp_path, train=lines(CHAT), **{name: content})
    with pytest.raises((IndexError, ValueError)):
        read_by_mlx_lm(tmp_path, tokenizer)


def test_without_validation_rows_there_is_no_validation_and_no_error(tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=lines(CHAT, CHAT))
    write(tmp_path, validation=lines(CHAT, CHAT))
    notes, _ = trained(tiny, tmp_path, batch_size=2, steps_per_eval=1)
    assert (len(notes.losses), notes.validations) == (2, [])
    assert "no-validation" in found(data_context({}, DatasetFacts(file(), None, None)))


def test_each_file_has_a_format_of_its_own(tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=lines(CHAT), valid=lines(TEXT))
    notes, _ = trained(tiny, tmp_path, batch_size=1)
    assert all(map(math.isfinite, notes.losses + notes.validations))


class Rows(list):
    """Rows of a single key, which holds tokens already."""

    def process(self, row):
        return row["tokens"], 0


def tokenized(*rows):
    """A set of these rows of tokens, as mlx-lm keeps them."""
    return CacheDataset(Rows({"tokens": row} for row in rows))


def test_the_last_rows_are_in_no_batch_and_batches_stay_the_same_in_every_pass():
    rows, met = tokenized(*([number] * 4 for number in range(1, 11))), []
    for _ in range(4):
        batches = [frozenset(batch[:, 0].tolist()) for batch, _ in iterate_batches(rows, 4, 64)]
        met.append(frozenset(batches))
    assert set(met) == {frozenset({frozenset({1, 2, 3, 4}), frozenset({5, 6, 7, 8})})}


def test_a_sorted_file_wastes_less_on_padding():
    draw = random.Random(0)
    mixed = [[1] * draw.choice((10, 30, 300, 600)) for _ in range(64)]

    def padded(rows):
        return sum(batch.size for batch, _ in iterate_batches(tokenized(*rows), 4, 2048))

    needed = sum(map(len, mixed))
    assert 1 - needed / padded(mixed) > 0.3 > 1 - needed / padded(sorted(mixed, key=len))


def test_a_row_that_is_cut_loses_the_token_that_ends_it(tmp_path, tokenizer):
    write(tmp_path, train=lines(answered('"' + "ho " * 60 + '"')))
    rows = CacheDataset(read_by_mlx_lm(tmp_path, tokenizer))
    (whole, _), *_ = iterate_batches(rows, 1, 2048)
    (shorter, _), *_ = iterate_batches(rows, 1, 40)
    assert tokenizer.eos_token_id in whole[0, 40:].tolist() and shorter.shape == (1, 40)
    assert shorter[0, -1].item() != tokenizer.eos_token_id


# Masks


def test_a_mask_is_refused_for_plain_text_until_the_fix(tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=lines(CHAT), valid=lines(TEXT))
    with pytest.raises(ValueError, match="Prompt masking not supported for text dataset"):
        trained(tiny, tmp_path, batch_size=1, mask_prompt=True)
    context = data_context({"mask_prompt": True}, dataset(valid=file("valid", 20, "text")))
    mended = fixed(context, found(context)["masked-text"]).values["mask_prompt"]
    assert math.isfinite(trained(tiny, tmp_path, batch_size=1, mask_prompt=mended)[0].losses[-1])


def test_a_mask_leaves_the_last_message_alone_whoever_wrote_it(tmp_path, tokenizer):
    parts = (("user", "a"), ("assistant", "b"), ("user", "c"))
    ask, answer, more = (json.dumps({"role": role, "content": content}) for role, content in parts)
    write(tmp_path, train=lines(said(ask, answer, ask, answer), said(ask, answer, more)))
    rows = read_by_mlx_lm(tmp_path, tokenizer, mask_prompt=True)
    trained_texts = [tokenizer.decode(tokens[offset:]) for tokens, offset in map(rows.process, rows)]
    assert trained_texts == ["b<|end|>", "<|user|>c<|end|>"]


LONG_PROMPT = b'{"prompt": "' + b"hi " * 60 + b'", "completion": "ho"}'


def test_a_prompt_that_fills_the_row_makes_the_adapter_nan_until_the_fix(tiny, tmp_path, tokenizer):  # noqa: F811
    write(tmp_path, train=lines(LONG_PROMPT, LONG_PROMPT), valid=lines(PAIR))
    masked = {"mask_prompt": True, "batch_size": 1, "max_seq_length": 64}
    notes, weights = trained(tiny, tmp_path, **masked)
    assert math.isnan(notes.losses[0]) and any(mx.isnan(weight).any().item() for weight in weights.values())

    tokens, prompt = (rows := read_by_mlx_lm(tmp_path, tokenizer, mask_prompt=True)).process(rows[0])
    known = lengths(SetLengths(((len(tokens), 2),), prompts=((prompt, 2),)))
    context = data_context(masked, lengths=known)
    finding = found(context)["masked-wholly-train"]
    assert finding.level == "error"
    mended = fixed(context, finding).values
    notes, weights = trained(tiny, tmp_path, **masked | {"max_seq_length": mended["max_seq_length"]})
    assert all(map(math.isfinite, notes.losses)) and not any(mx.isnan(each).any().item() for each in weights.values())


@pytest.mark.parametrize(("left", "is_nan"), [(0, True), (1, False)])
def test_a_prompt_may_be_one_token_shorter_than_the_row(left, is_nan, tiny, tmp_path, tokenizer):  # noqa: F811
    write(tmp_path, train=lines(LONG_PROMPT), valid=lines(PAIR))
    _, prompt = (rows := read_by_mlx_lm(tmp_path, tokenizer, mask_prompt=True)).process(rows[0])
    notes, _ = trained(tiny, tmp_path, mask_prompt=True, batch_size=1, max_seq_length=prompt + left)
    assert math.isnan(notes.losses[0]) is is_nan


def test_one_such_batch_spoils_the_validation_loss(tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=lines(PAIR), valid=lines(PAIR, LONG_PROMPT))
    notes, _ = trained(tiny, tmp_path, mask_prompt=True, batch_size=1, max_seq_length=64, val_batches=-1)
    assert math.isfinite(notes.losses[0]) and math.isnan(notes.validations[0])


def test_beside_another_row_such_a_prompt_does_no_harm(tiny, tmp_path):  # noqa: F811
    write(tmp_path, train=lines(PAIR, LONG_PROMPT), valid=lines(PAIR, PAIR))
    notes, _ = trained(tiny, tmp_path, mask_prompt=True, batch_size=2, max_seq_length=64)
    assert all(map(math.isfinite, notes.losses))


# The template


@pytest.fixture
def bare(tiny, tmp_path):  # noqa: F811
    """The tokenizer without its chat template."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for each in (tiny / "model").iterdir():
        if each.suffix == ".json":
            content = json.loads(each.read_text())
            content.pop("chat_template", None)
            (folder / each.name).write_text(json.dumps(content))
    return load_tokenizer(folder)


@pytest.mark.parametrize(("row", "needs"), [(CHAT, True), (PAIR, True), (TEXT, False)])
def test_chats_and_pairs_need_a_chat_template_and_text_does_not(row, needs, bare, tmp_path):
    write(tmp_path, train=lines(row))
    assert lines_that_fail(read_by_mlx_lm(tmp_path, bare)) == ((1,) if needs else ())


def test_an_empty_text_fails_unless_the_tokenizer_begins_with_a_token(tiny, tmp_path):  # noqa: F811
    from tokenizers.processors import TemplateProcessing

    write(tmp_path, train=lines(TEXT, b'{"text": ""}'))
    tokenizer = load_tokenizer(tiny / "model")
    assert lines_that_fail(read_by_mlx_lm(tmp_path, tokenizer)) == (2,)
    begin = ("<|pad|>", tokenizer.convert_tokens_to_ids("<|pad|>"))
    tokenizer._tokenizer.backend_tokenizer.post_processor = TemplateProcessing("<|pad|> $A", None, [begin])
    assert lines_that_fail(read_by_mlx_lm(tmp_path, tokenizer)) == ()
    assert HARMS["empty-text"].stage is Stage.LESSON


def test_parts_of_a_message_are_trained_with_their_brackets(tmp_path, tokenizer):
    write(tmp_path, train=lines(answered('[{"type": "text", "text": "ho"}]')))
    rows = read_by_mlx_lm(tmp_path, tokenizer)
    assert "[{'type': 'text', 'text': 'ho'}]" in tokenizer.decode(rows.process(rows[0])[0])


# Datasets of the hub


def test_a_split_of_the_hub_that_is_named_validation_is_not_seen(tmp_path, tokenizer, monkeypatch):
    rows = datasets.Dataset.from_list([json.loads(TEXT)] * 4)
    monkeypatch.setattr(datasets, "load_dataset", lambda name: datasets.DatasetDict(train=rows, validation=rows))
    args = SimpleNamespace(data="owner/name", train=True, test=False)
    train, valid, _ = load_dataset(args, tokenizer)
    assert (len(train), len(valid)) == (4, 0)
    context = on_hub(data_context({"data": "owner/name"}, lengths=lengths({4: 4})))
    assert found(context)["no-validation-split"].level == "warning"


@pytest.fixture
def hub(tmp_path, tokenizer):
    """Reads 100 texts, as a dataset of the hub, by what `hf_dataset` says of splits."""
    write(tmp_path, rows=lines(*(b'{"text": "%d"}' % number for number in range(100))))
    config = {"data_files": str(tmp_path / "rows.jsonl"), "cache_dir": str(tmp_path / "cache")}

    def read(splits, **purpose):
        args = SimpleNamespace(hf_dataset={"path": "json", "config": config, **splits}, train=True, test=False)
        vars(args).update(purpose)
        sets = load_dataset(args, tokenizer)
        return [{one[place]["text"] for place in range(len(one))} for one in sets]

    return read


@pytest.mark.parametrize("splits", [{}, {"train_split": "train"}, {"train_split": "train[20%:]"}])
def test_splits_share_rows_where_the_rule_says_so_and_none_after_its_fix(splits, hub):
    train, valid, _ = hub(splits)
    context = data_context({"hf_dataset": {"path": "json", **splits}})
    finding = found(context).get("validation-split-in-training")
    assert bool(train & valid) is (finding is not None)
    if finding:
        mended = fixed(context, finding).values["hf_dataset"]
        train, valid, _ = hub({key: split for key, split in mended.items() if key.endswith("_split")})
        assert (len(train), len(valid), train & valid) == (90, 10, set())


def test_a_test_without_its_split_fails(hub):
    with pytest.raises(KeyError):
        hub({}, test=True)
    assert len(hub({"test_split": "train"}, test=True)[2]) == 100
