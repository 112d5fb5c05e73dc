"""The engine counts the tokens that mlx-lm's own dataset classes make of each row, whatever tokenizer and rows."""

import contextlib
import json
import signal
import subprocess
from array import array
from collections import Counter
from types import SimpleNamespace

import pytest
from mlx_lm.tokenizer_utils import NewlineTokenizer, TokenizerWrapper
from mlx_lm.tuner.datasets import create_dataset, load_local_dataset
from mlx_lm.utils import load_tokenizer
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from app.engine.lengths_tokenizing import RowTokenizer
from app.wire.process import engine_command
from tests.tiny import tiny  # noqa: F401


@contextlib.contextmanager
def engine(config, order=None):
    """The engine's process, asked; its end when the block ends."""
    process = subprocess.Popen(
        engine_command("lengths"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        request = (
            config
            if isinstance(config, bytes)
            else json.dumps({"config": config, "trusts_remote_code": False, "order": order and str(order)})
        )
        process.stdin.write(request if isinstance(request, bytes) else request.encode() + b"\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def answers(process):
    """All that it tells, the last being the answer."""
    return [json.loads(line) for line in process.stdout]


def pairs_of(numbers):
    return [list(pair) for pair in sorted(Counter(numbers).items())]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def messages(tiny):  # noqa: F811
    lines = (tiny / "data" / "train.jsonl").read_text().splitlines()
    return [json.loads(line)["messages"] for line in lines]


def test_the_lengths_are_those_of_mlx_lm_s_own_datasets(tiny, messages, tmp_path):  # noqa: F811
    """Each file has a format of its own; text is below."""
    write(tmp_path / "train.jsonl", [{"messages": each, "tools": [{"name": "a"}]} for each in messages])
    pairs = [{"ask": each[-2]["content"], "say": each[-1]["content"], "messages": "unused"} for each in messages]
    write(tmp_path / "valid.jsonl", pairs[:90])
    keys = {"prompt_feature": "ask", "completion_feature": "say", "mask_prompt": True}
    config = {"model": str(tiny / "model"), "data": str(tmp_path), "optimizer": None, **keys}
    with engine(config, tmp_path / "order") as process:
        *progress, answer = answers(process)

    sets = load_local_dataset(tmp_path, load_tokenizer(tiny / "model"), SimpleNamespace(**keys))
    processed = [[rows.process(row) for row in rows] for rows in sets[:2]]
    lengths = [[len(tokens) for tokens, _ in rows] for rows in processed]
    for name, expected, rows in zip(("train", "valid"), lengths, processed, strict=True):
        assert answer[name]["counts"] == pairs_of(expected)
        assert answer[name]["prompts"] == pairs_of(prompt for _, prompt in rows)
        assert (answer[name]["odd"], answer[name]["last"]) == (0, expected)
    assert array("I", (tmp_path / "order").read_bytes()).tolist() == lengths[0] + lengths[1]
    assert answer["train"]["prompts"][0][0] > 0
    assert {"set": "train", "done": 150} in progress and {"set": "valid", "done": 90} in progress
    assert 0 < answer["seconds"] < 60


def test_rows_that_are_no_rows_are_told_by_number_and_end_nothing(tiny, tmp_path):  # noqa: F811
    sound = [{"body": f"row {number}" + " more" * number} for number in range(100)]
    odd = {
        2: b"",
        3: b'{"body": ',
        40: b'{"text": "unread"}',
        50: b'{"body": "half a pair \\ud800"}',
        51: b'{"body": "no utf-8 \xff"}',
        60: b'{"body": ["a", "list"]}',
        70: b'{"body": ""}',
        80: b'["body"]',
        90: b"7",
        91: b"[" * 100_000,
    }
    lines = [json.dumps(row).encode() for row in sound]
    for number, line in odd.items():
        lines.insert(number - 1, line)
    (tmp_path / "train.jsonl").write_bytes(b"\n".join(lines))
    with engine({"model": str(tiny / "model"), "data": str(tmp_path), "text_feature": "body"}) as process:
        answer = answers(process)[-1]
    dataset = create_dataset(sound, load_tokenizer(tiny / "model"), SimpleNamespace(text_feature="body"))
    train = answer["train"]
    assert (train["odd"], train["first_odd"], answer["valid"]) == (len(odd), [2, 3, 40, 50, 51], None)
    assert train["last"] == [len(dataset.process(row)[0]) for row in sound]


def test_data_of_the_hub_s_kind_is_counted_too(tiny, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    hub = {"path": str(tiny / "data"), "train_split": "train", "valid_split": "validation[:5]"}
    with engine({"model": str(tiny / "model"), "hf_dataset": [hub, hub]}) as process:
        answer = answers(process)[-1]
    train, _, _ = load_local_dataset(tiny / "data", load_tokenizer(tiny / "model"), SimpleNamespace())
    lengths = [len(train.process(row)[0]) for row in train]
    assert answer["train"]["counts"] == [[length, 2 * rows] for length, rows in sorted(Counter(lengths).items())]
    assert len(answer["valid"]["last"]) == 10


# Tokenizers


def own_way(tiny):  # noqa: F811
    """mlx-lm's own kind, whose `encode` changes the text; its first rows here hold nothing to change."""
    return TokenizerWrapper(
        NewlineTokenizer(tokenizer_file=str(tiny / "model" / "tokenizer.json"), eos_token="<|end|>")
    )


def with_bos(tiny):  # noqa: F811
    backend = Tokenizer.from_file(str(tiny / "model" / "tokenizer.json"))
    backend.post_processor = TemplateProcessing(single="<|user|> $A", special_tokens=[("<|user|>", 3)])
    template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    common = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>", chat_template=template)
    return TokenizerWrapper(common)


def truncating(tiny):  # noqa: F811
    backend = Tokenizer.from_file(str(tiny / "model" / "tokenizer.json"))
    backend.enable_truncation(8)
    backend.enable_padding(length=6)
    return TokenizerWrapper(PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>"))


def unlike(tiny):  # noqa: F811
    """Its batches would come out otherwise, which only its rows tell."""

    class Unlike(TokenizerWrapper):
        def encode(self, text):
            return [0, *self._tokenizer.encode(text)]

    return Unlike(load_tokenizer(tiny / "model")._tokenizer)


def counted(dataset, row):
    tokens, prompt = dataset.process(row)
    return len(tokens), prompt


@pytest.mark.parametrize("make", [own_way, with_bos, truncating, unlike])
def test_every_tokenizer_is_asked_as_mlx_lm_asks_it(tiny, make):  # noqa: F811
    odd = [{"text": None}] * 50
    rows = [{"text": f"a row of text {number}" + "\nand a line\n" * (number > 40)} for number in range(100)]
    expected = create_dataset(rows, make(tiny), SimpleNamespace())
    tokenizer = RowTokenizer(make(tiny))
    dataset = create_dataset(rows[:1], tokenizer, SimpleNamespace())
    lengths = list(tokenizer.lengths(dataset.process, odd + rows))
    assert lengths == [(row, None) for row in odd] + [(row, counted(expected, row)) for row in rows]


@pytest.mark.parametrize("row", [{"text": "a text"}, {"messages": [{"role": "user", "content": "a text"}]}])
def test_a_common_tokenizer_is_not_asked_for_each_row(tiny, row):  # noqa: F811
    asked = []

    class Watched(TokenizerWrapper):
        def encode(self, text):
            asked.append(text)
            return self._tokenizer.encode(text)

        def apply_chat_template(self, *messages, tokenize=True, **options):
            asked.extend([1] * tokenize)
            return super().apply_chat_template(*messages, tokenize=tokenize, **options)

    tokenizer = RowTokenizer(Watched(with_bos(tiny)._tokenizer))
    dataset = create_dataset([row], tokenizer, SimpleNamespace())
    assert len({each for _, each in tokenizer.lengths(dataset.process, [row] * 1000)}) == 1
    assert 0 < len(asked) < 50


def test_a_template_in_code_is_used_as_mlx_lm_uses_it(tiny, messages):  # noqa: F811
    def template(messages, **_):
        return "\n".join(f"{each['role']}: {each['content']}" for each in messages)

    rows = [{"messages": each} for each in messages]
    wrapper = TokenizerWrapper(load_tokenizer(tiny / "model")._tokenizer, chat_template=template)
    masked = SimpleNamespace(mask_prompt=True)
    expected = create_dataset(rows, wrapper, masked)
    tokenizer = RowTokenizer(wrapper)
    dataset = create_dataset(rows, tokenizer, masked)
    assert list(tokenizer.lengths(dataset.process, rows)) == [(row, counted(expected, row)) for row in rows]


# Ends


@pytest.mark.parametrize("end", [lambda process: process.stdin.close(), lambda process: process.terminate()])
def test_it_ends_at_once_when_nobody_listens_or_it_is_told_to(tiny, tmp_path, end):  # noqa: F811
    (tmp_path / "train.jsonl").write_text((tiny / "data" / "train.jsonl").read_text() * 2000)
    with engine({"model": str(tiny / "model"), "data": str(tmp_path)}) as process:
        assert json.loads(process.stdout.readline())["set"] == "train"
        end(process)
        assert process.wait(2) in (1, -signal.SIGTERM)


@pytest.mark.slow
def test_what_cannot_be_counted_is_a_sentence(tiny, tmp_path):  # noqa: F811
    model, sound = str(tiny / "model"), str(tiny / "data")
    (tmp_path / "unknown").mkdir()
    (tmp_path / "unknown" / "train.jsonl").write_text('{"input": "a"}\n')
    cases = [
        ({"model": "org/name", "data": sound}, "not on this computer yet"),
        ({"model": sound, "data": sound}, "the tokenizer of"),
        ({"model": model, "data": str(tmp_path)}, "holds no train.jsonl"),
        ({"model": model, "data": str(tmp_path / "unknown")}, "unknown/train.jsonl: Unsupported data format"),
    ]
    with contextlib.ExitStack() as stack:
        asked = [(stack.enter_context(engine(config)), words) for config, words in cases]
        for process, words in asked:
            (answer,) = answers(process)
            assert words in answer["problem"] and "\n" not in answer["problem"]
            assert process.wait(5) == 1


@pytest.mark.parametrize("request_line", [b"\n", b"[]\n", b"{}\n", b'{"config": 1}\n', b"\xff\n"])
def test_a_request_that_is_none_is_refused(request_line):
    with engine(request_line) as process:
        assert process.wait(10) == 2
        assert b"no request to count tokens" in process.stderr.read()
