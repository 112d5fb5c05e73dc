"""Count the tokens of a dataset's rows, with the model's own tokenizer and mlx-lm's own classes, and no weights.

The request, on standard input: `config`, the native configuration, `trusts_remote_code`, and `order`, a file to write
or null. On standard output, lines of JSON: first `set` and `done`, the rows counted so far; at the end `problem`, a
sentence, or `seconds` and `train` and `valid` (null when there is none), each with

- `counts`: pairs of a length in tokens and the rows that have it, sorted;
- `prompts`: the same of the tokens before those that train; empty without mask_prompt;
- `odd` and `first_odd`: how many rows mlx-lm cannot tokenize, and the numbers of the first, from 1;
- `last`: the lengths of the last rows in mlx-lm's order, which some batch sizes leave untrained.

The file gets all lengths in mlx-lm's order, those of the validation set behind those of the training set, four bytes
each in this machine's order (array type I).
"""

import json
import os
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from app.engine.failures import Failure, reason
from app.engine.tokenizer import dataset_of, load_tokenizer, stay_here
from app.wire.answering import Tell, end_with_stdin, take_stdout

if TYPE_CHECKING:
    from app.engine.lengths_tokenizing import Counted

_SETS = ("train", "valid")
_FIRST_ODD = 5
_LAST = 255
"""Rows of `last`: enough for a batch size of 256."""
_TOLD_EVERY = 0.25
"""Seconds."""


def count_and_tell() -> int:
    """Answer the one request. 0 when the rows were counted. Ends at once when standard input is closed."""
    try:
        request = json.loads(sys.stdin.buffer.readline())
        config, trusts_remote_code = dict(request["config"]), bool(request["trusts_remote_code"])
        order = Path(request["order"]) if request.get("order") else None
    except (ValueError, TypeError, KeyError) as error:
        print(f"no request to count tokens on standard input: {error}", file=sys.stderr)
        return 2
    tell = take_stdout()
    end_with_stdin()
    try:
        answer = _count(config, trusts_remote_code, order, tell)
    except Exception as error:
        answer = {"problem": reason(error)}
    tell(answer)
    return 1 if "problem" in answer else 0


def _count(config: Mapping[str, Any], trusts_remote_code: bool, order: Path | None, tell: Tell) -> dict[str, Any]:
    started = time.monotonic()
    stay_here()
    from mlx_lm.lora import CONFIG_DEFAULTS

    from app.engine.lengths_tokenizing import RowTokenizer

    given = {key: value for key, value in config.items() if value is not None}
    args = SimpleNamespace(**CONFIG_DEFAULTS | given | {"train": True, "test": False})
    tokenizer = RowTokenizer(load_tokenizer(args.model, trusts_remote_code))
    datasets = _datasets(args, tokenizer)
    os.nice(10)  # every core will be at work: the app, and a training, come first
    answer: dict[str, Any] = dict.fromkeys(_SETS)
    orders = []
    for name, found in zip(_SETS, datasets, strict=True):
        if found is not None:
            answer[name], in_order = _count_set(name, tokenizer.lengths(*found), args.mask_prompt, tell)
            orders += in_order
    if order:
        with order.open("wb") as file:
            for lengths in orders:
                lengths.tofile(file)
    return answer | {"seconds": time.monotonic() - started}


def _datasets(args: SimpleNamespace, tokenizer: Any) -> list[tuple[Any, Iterable[Any]] | None]:
    """The `process` of each set and its rows; None for a set that is not there. Raises Failure."""
    from mlx_lm.tuner.datasets import load_dataset

    of_hub = getattr(args, "hf_dataset", None)
    if not of_hub and Path(args.data).exists():
        found = [_local_set(Path(args.data) / f"{name}.jsonl", args, tokenizer) for name in _SETS]
        if found[0] is None:
            raise Failure(f"data: {args.data} holds no train.jsonl: there is nothing to train.")
        return found
    try:
        train, valid, _ = load_dataset(args, tokenizer)
    except Exception as error:  # what the hub's client raises is its own, and its rows may be of any kind
        where = "hf_dataset" if of_hub else f"data: {args.data}"
        if isinstance(error, ConnectionError):
            raise Failure(f"{where}: this is not on this computer, and a count of tokens downloads nothing.") from error
        raise Failure(f"{where}: {reason(error)}") from error
    return [(rows.process, _hub_rows(rows)) if len(rows) else None for rows in (train, valid)]


def _local_set(path: Path, args: SimpleNamespace, tokenizer: Any) -> tuple[Any, Iterable[Any]] | None:
    """mlx-lm holds all rows of a file in memory, and makes its dataset of them; here they pass by."""
    if not path.exists():
        return None
    first = next((row for row in _local_rows(path) if row is not None), None)
    if first is None:
        raise Failure(f"data: {path} holds no row: add rows to it or remove it.")
    try:
        return dataset_of(first, tokenizer, args).process, _local_rows(path)
    except (ValueError, TypeError) as error:
        raise Failure(f"data: {path}: {' '.join(str(error).split())}") from error


def _local_rows(path: Path) -> Iterator[Any]:
    """As mlx-lm reads them; None for a line that is no JSON. Bytes that are no text end there, and only there."""
    with path.open(errors="surrogateescape") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None


def _hub_rows(dataset: Any) -> Iterator[Any]:
    for index in range(len(dataset)):
        try:
            yield dataset[index]
        except Exception:  # a column that cannot be decoded, say
            yield None


def _count_set(
    name: str, rows: "Iterable[tuple[Any, Counted]]", is_masked: bool, tell: Tell
) -> tuple[dict[str, Any], list[array]]:
    """What is told of a set, and its lengths in mlx-lm's order."""
    counts: Counter[int] = Counter()
    prompts: Counter[int] = Counter()
    odd, first_odd = 0, []
    by_keys: dict[int, array] = {}
    done, told = 0, time.monotonic()
    for done, (row, counted) in enumerate(rows, start=1):
        if counted is None:
            odd += 1
            first_odd += [done] if odd <= _FIRST_ODD else []
        else:
            length, prompt = counted
            counts[length] += 1
            if is_masked:
                prompts[prompt] += 1
            # `iterate_batches` takes a row's number of keys for its length, and sorts by that
            by_keys.setdefault(len(row), array("I")).append(length)
        if (now := time.monotonic()) - told >= _TOLD_EVERY:
            told = now
            tell({"set": name, "done": done})
    tell({"set": name, "done": done})
    in_order = [by_keys[keys] for keys in sorted(by_keys)]
    answer = {
        "counts": sorted(counts.items()),
        "prompts": sorted(prompts.items()),
        "odd": odd,
        "first_odd": first_odd,
        "last": [length for lengths in in_order for length in lengths[-_LAST:]][-_LAST:],
    }
    return answer, in_order
