"""Load the model and the data as mlx-lm does, and say in words why they cannot be loaded."""

import contextlib
import glob
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mlx import nn
from mlx_lm.tuner.datasets import CacheDataset, load_dataset
from mlx_lm.utils import load

from app.engine.download import download, from_elsewhere
from app.engine.failures import Failure

Tell = Callable[..., None]


def load_model(args: SimpleNamespace, phase: Tell) -> tuple[nn.Module, Any]:
    """Model and tokenizer; `phase(name, detail, done, total)` hears what happens. Raises Failure."""
    model_path = _model_path(args.model, phase)
    phase("load", args.model)
    try:
        with without_pattern(model_path) as plain:
            loaded: Any = load(
                plain,
                tokenizer_config={"trust_remote_code": args.trust_remote_code},
                trust_remote_code=args.trust_remote_code,
            )
    except FileNotFoundError as error:
        raise Failure(f"model: {args.model} lacks a file ({_one_line(error)}).") from error
    except ValueError as error:
        raise Failure(f"model: {args.model} cannot be loaded: {_one_line(error)}") from error
    return loaded


def load_data(args: SimpleNamespace, tokenizer: Any) -> tuple[Any, Any, Any]:
    """The training, validation and test sets, uncached; empty where there is none. Raises Failure."""
    folder = Path(args.data)
    try:
        train, valid, test = load_dataset(args, tokenizer)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Failure(_first_bad_line(folder) or f"data: {args.data}: {error}") from error
    except IndexError as error:
        raise Failure(f"data: {args.data}: a set is there but empty: add rows to it or remove it.") from error
    except (ValueError, KeyError) as error:
        raise Failure(f"data: {args.data}: {_one_line(error)}") from error
    used = {"train": train if args.train else (), "valid": valid if args.train else ()}
    used["test"] = test if args.test else ()
    for name, rows in used.items():
        if 0 < len(rows) < args.batch_size:
            raise Failure(
                f"data: {args.data}: the {name} set has {len(rows)} rows, fewer than batch_size "
                f"{args.batch_size}: add rows, lower batch_size, or remove the set."
            )
    return train, valid, test


def odd_row(dataset: CacheDataset, name: str) -> str | None:
    """A sentence on the first row that mlx-lm cannot tokenize; it takes all rows to be like row 1."""
    for index in range(len(dataset)):
        try:
            _ = dataset[index]
        except Exception as error:
            unlike = f"row {index + 1} of the {name} set is unlike row 1 ({_named(error)})"
            return f"data: {unlike}: mend or remove it."
    return None


def _model_path(name: str, phase: Tell) -> Path | str:
    folder = Path(name)
    if folder.exists():
        if not (folder / "config.json").is_file():
            raise Failure(f"model: {name} holds no config.json, so it is not a model folder.")
        return folder
    if from_elsewhere():
        return name
    phase("download", name)
    return download(name, lambda done, total: phase("download", name, done, total))


@contextlib.contextmanager
def without_pattern(model: Path | str) -> Iterator[str]:
    """A name for the model that is safe to glob: mlx-lm finds weights so, and takes a `[red]` for a pattern."""
    if glob.escape(str(model)) == str(model):
        yield str(model)
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "model"
        link.symlink_to(Path(model).absolute())
        yield str(link)


def _first_bad_line(folder: Path) -> str | None:
    for name in ("train", "valid", "test"):
        path = folder / f"{name}.jsonl"
        if not path.exists():
            continue
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    json.loads(line)
                except ValueError as error:
                    return f"{path}:{number}: this line is not a JSON object ({error}): mend or remove it."
    return None


def _named(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else _one_line(error)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
