"""Count the tokens of a dataset's rows, with the model's own tokenizer and mlx-lm's own classes, and no weights.

The request, on standard input: `config`, the native configuration, and `trusts_remote_code`. On standard output,
lines of JSON: first `set` and `done`, the rows counted so far; at the end `problem`, a sentence, or `seconds` and
`train` and `valid` (null when there is none), each with

- `counts`: pairs of a length in tokens and the rows that have it, sorted;
- `odd` and `first_odd`: how many rows mlx-lm cannot tokenize, and the numbers of the first, from 1;
- `last`: the lengths of the last rows in mlx-lm's order, which some batch sizes leave untrained.
"""

import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.engine.failures import Failure, reason
from app.wire.answering import Tell, end_with_stdin, take_stdout

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
    except (ValueError, TypeError, KeyError) as error:
        print(f"no request to count tokens on standard input: {error}", file=sys.stderr)
        return 2
    tell = take_stdout()
    end_with_stdin()
    try:
        answer = _count(config, trusts_remote_code, tell)
    except Exception as error:
        answer = {"problem": reason(error)}
    tell(answer)
    return 1 if "problem" in answer else 0


def _count(config: Mapping[str, Any], trusts_remote_code: bool, tell: Tell) -> dict[str, Any]:
    started = time.monotonic()
    _stay_here()
    from mlx_lm.lora import CONFIG_DEFAULTS

    from app.engine.lengths_tokenizing import RowTokenizer

    given = {key: value for key, value in config.items() if value is not None}
    # A mask changes no length: it only has each prompt tokenized twice.
    args = SimpleNamespace(**CONFIG_DEFAULTS | given | {"train": True, "test": False, "mask_prompt": False})
    tokenizer = RowTokenizer(_load_tokenizer(args.model, trusts_remote_code))
    datasets = _datasets(args, tokenizer)
    os.nice(10)  # every core will be at work: the app, and a training, come first
    answer: dict[str, Any] = {
        name: None if found is None else _count_set(name, tokenizer.lengths(*found), tell)
        for name, found in zip(_SETS, datasets, strict=True)
    }
    return answer | {"seconds": time.monotonic() - started}


def _load_tokenizer(model: str, trusts_remote_code: bool) -> Any:
    """As `mlx_lm.utils.load` does."""
    from huggingface_hub import errors
    from mlx_lm.utils import load_tokenizer

    try:
        return load_tokenizer(model, {"trust_remote_code": trusts_remote_code})
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise Failure(
            f"model: {model} is not on this computer yet, and a count of tokens downloads nothing."
        ) from error
    except errors.HFValidationError as error:
        raise Failure(f"model: {model} is neither a folder here nor a name on the hub: check its spelling.") from error
    except Exception as error:  # whatever the code of a tokenizer raises
        raise Failure(f"model: the tokenizer of {model} cannot be loaded: {' '.join(str(error).split())}") from error


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
    from mlx_lm.tuner.datasets import create_dataset

    if not path.exists():
        return None
    first = next((row for row in _local_rows(path) if row is not None), None)
    if first is None:
        raise Failure(f"data: {path} holds no row: add rows to it or remove it.")
    try:
        return create_dataset([first], tokenizer, args).process, _local_rows(path)
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


def _count_set(name: str, lengths: Iterable[tuple[Any, int | None]], tell: Tell) -> dict[str, Any]:
    counts: Counter[int] = Counter()
    odd, first_odd = 0, []
    last: dict[int, deque[int]] = {}
    done, told = 0, time.monotonic()
    for done, (row, length) in enumerate(lengths, start=1):
        if length is None:
            odd += 1
            first_odd += [done] if odd <= _FIRST_ODD else []
        else:
            counts[length] += 1
            # `iterate_batches` takes a row's number of keys for its length, and sorts by that
            last.setdefault(len(row), deque(maxlen=_LAST)).append(length)
        if (now := time.monotonic()) - told >= _TOLD_EVERY:
            told = now
            tell({"set": name, "done": done})
    tell({"set": name, "done": done})
    in_order = [length for keys in sorted(last) for length in last[keys]]
    return {"counts": sorted(counts.items()), "odd": odd, "first_odd": first_odd, "last": in_order[-_LAST:]}


def _stay_here() -> None:
    """Nothing is fetched in passing. To be called before the clients of the hubs are imported."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    os.environ["MLXLM_USE_MODELSCOPE"] = "False"  # its client knows no such switch
    os.environ["TOKENIZERS_PARALLELISM"] = "true"  # as mlx_lm.lora sets it
