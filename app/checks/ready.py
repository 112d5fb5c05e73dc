"""Whether a run can start at all: what mlx-lm would only say after the model has loaded.

These rules look at the disk; call them off the event loop.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from app.checks.finding import Finding
from app.checks.numbers import number_findings
from app.config.config import Config
from app.config.derived import derive
from app.data.rows import RowCounts, count_rows
from app.machine.backend import missing_backend


def obstacles(config: Config, start: Path) -> list[Finding]:
    """Errors that make a run of `config` from the folder `start` fail for certain."""
    values = config.values
    return [
        *_backend(),
        *_purpose(values),
        *(finding for finding in number_findings(config, derive(config), RowCounts()) if finding.level == "error"),
        *_model(values, start),
        *_data(values, start),
        *_adapters(values, start),
    ]


def _error(key: str, message: str) -> Finding:
    return Finding("error", key, message)


def _backend() -> Iterator[Finding]:
    if sentence := missing_backend():
        yield _error("", sentence)


def _purpose(values) -> Iterator[Finding]:
    if not values["train"] and not values["test"]:
        yield _error("train", "Neither train nor test is true, so there is nothing to do: set one of them.")


def _model(values, start: Path) -> Iterator[Finding]:
    model = str(values["model"])
    folder = start / model
    if not model:
        yield _error("model", "The model is empty: give a folder or a Hugging Face repo such as Qwen/Qwen3-0.6B.")
    elif folder.is_dir() and not (folder / "config.json").is_file():
        yield _error("model", f"The model folder {model} has no config.json: choose a folder that holds a model.")
    elif folder.is_file():
        yield _error("model", f"{model} is a file: the model must be a folder or a Hugging Face repo.")
    elif not folder.exists() and _means_folder(model, start):
        yield _error("model", f"The model folder {model} does not exist{_tilde(model)}.")
    else:
        yield from _layers(values["num_layers"], folder / "config.json")


def _layers(wanted: int, config: Path) -> Iterator[Finding]:
    try:
        depth = json.loads(config.read_text())["num_hidden_layers"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # a hub model, or one that counts its layers under another name
    if isinstance(depth, int) and wanted > depth:
        yield _error("num_layers", f"num_layers {wanted} is more than the model's {depth}: use {depth} or -1 for all.")


def _data(values, start: Path) -> Iterator[Finding]:
    data = str(values["data"])
    folder = start / data
    if values["hf_dataset"]:
        return
    if not data or (not folder.exists() and _means_folder(data, start)):
        yield _error("data", f"The data folder {data} does not exist{_tilde(data)}.")
    elif folder.is_file():
        yield _error("data", f"{data} is a file: data must be the folder that holds train.jsonl.")
    elif folder.is_dir():
        yield from _splits(values, data, count_rows(folder) or RowCounts())


def _splits(values, data: str, rows: RowCounts) -> Iterator[Finding]:
    batch = values["batch_size"]
    wanted = [("train", rows.train, values["train"]), ("test", rows.test, values["test"])]
    for split, count, needed in wanted:
        if needed and not count:
            what = "has no" if count is None else "has an empty"
            yield _error(
                "data",
                f"The data folder {data} {what} {split}.jsonl: {split} needs at least {batch} row{'s' * (batch > 1)}.",
            )
    for split, count, needed in (*wanted, ("valid", rows.valid, values["train"])):
        if needed and count and count < batch:
            yield _error(
                "batch_size",
                f"{split}.jsonl in {data} has {count} rows, fewer than batch_size {batch}:"
                f" set batch_size to {count} or less, or add rows.",
            )


def _adapters(values, start: Path) -> Iterator[Finding]:
    resume = values["resume_adapter_file"]
    if values["train"] and resume and not (start / resume).is_file():
        yield _error("resume_adapter_file", f"{resume} does not exist: leave it empty, or name an adapter file.")
    adapters = values["adapter_path"]
    if values["test"] and not values["train"] and adapters and not (start / adapters / "adapter_config.json").is_file():
        yield _error(
            "adapter_path",
            f"{adapters} holds no adapter_config.json to test: name a trained adapter, or leave it empty"
            " to test the model alone.",
        )


def _means_folder(text: str, start: Path) -> bool:
    """A hub name is `name` or `owner/name`; what has more parts, or begins at a folder that is here, meant a folder."""
    beginning = text.partition("/")[0]
    return text.startswith((".", "/", "~")) or text.count("/") > 1 or (start / beginning).is_dir()


def _tilde(text: str) -> str:
    return " (mlx-lm does not expand ~: write the folder out)" if text.startswith("~") else ": check the spelling"
