"""Whether a run can start at all: what mlx-lm would only say after the model has loaded.

These rules look at the disk; call them off the event loop.
"""

from collections.abc import Iterator
from pathlib import Path

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.rules import check
from app.config.config import Config
from app.config.derived import derive
from app.data.rows import RowCounts, count_rows
from app.machine.backend import missing_backend
from app.models.config_json import layer_count, read_config
from app.models.facts import ModelError
from app.models.hub_home import is_repository


def obstacles(config: Config, start: Path) -> list[Finding]:
    """Errors that make a run of `config` from the folder `start` fail for certain."""
    values = config.values
    rows = RowCounts() if values["hf_dataset"] else count_rows(start / str(values["data"])) or RowCounts()
    by_numbers = check(Context(config, derive(config), rows, depth=_depth(start / str(values["model"]))))
    return [
        *_backend(),
        *_purpose(values),
        *_model(values, start),
        *_data(values, start, rows),
        *_adapters(values, start),
        *(finding for finding in by_numbers if finding.level == "error"),
    ]


def _error(code: str, key: str, message: str, fix: Fix | None = None) -> Finding:
    return Finding("error", code, (key,) if key else (), message, fix=fix)


def _backend() -> Iterator[Finding]:
    if sentence := missing_backend():
        yield _error("no-backend", "", sentence)


def _purpose(values) -> Iterator[Finding]:
    if not values["train"] and not values["test"]:
        yield _error(
            "nothing-to-do",
            "train",
            "Neither train nor test is true, so there is nothing to do: set one of them.",
            Fix("train true", (("train", True),)),
        )


def _model(values, start: Path) -> Iterator[Finding]:
    model = str(values["model"])
    folder = start / model
    if not model:
        yield _error(
            "model-empty", "model", "The model is empty: give a folder or a Hugging Face repo such as Qwen/Qwen3-0.6B."
        )
    elif folder.is_dir() and not (folder / "config.json").is_file():
        yield _error(
            "no-model-in-folder",
            "model",
            f"The model folder {model} has no config.json: choose a folder that holds a model.",
        )
    elif folder.is_file():
        yield _error("model-is-file", "model", f"{model} is a file: the model must be a folder or a Hugging Face repo.")
    elif not folder.exists() and _means_folder(model, start):
        yield _error("model-missing", "model", f"The model folder {model} does not exist{_tilde(model)}.")
    elif not folder.exists() and not is_repository(model):
        yield _error(
            "model-no-name", "model", f"{model} is neither a folder here nor a name on the hub: check its spelling."
        )


def _depth(model: Path) -> int | None:
    """None for a hub model, or a folder whose config.json cannot be read."""
    try:
        return layer_count(read_config(model / "config.json"))
    except ModelError:
        return None


def _data(values, start: Path, rows: RowCounts) -> Iterator[Finding]:
    data = str(values["data"])
    folder = start / data
    if values["hf_dataset"]:
        return
    if not data or (not folder.exists() and _means_folder(data, start)):
        yield _error("data-missing", "data", f"The data folder {data} does not exist{_tilde(data)}.")
    elif folder.is_file():
        yield _error("data-is-file", "data", f"{data} is a file: data must be the folder that holds train.jsonl.")
    elif folder.is_dir():
        yield from _splits(values, data, rows)


def _splits(values, data: str, rows: RowCounts) -> Iterator[Finding]:
    batch = values["batch_size"]
    for split, count, needed in (("train", rows.train, values["train"]), ("test", rows.test, values["test"])):
        if needed and not count:
            what = "has no" if count is None else "has an empty"
            yield _error(
                "no-rows",
                "data",
                f"The data folder {data} {what} {split}.jsonl: {split} needs at least {batch} row{'s' * (batch > 1)}.",
            )


def _adapters(values, start: Path) -> Iterator[Finding]:
    resume = values["resume_adapter_file"]
    if values["train"] and resume and not (start / resume).is_file():
        yield _error(
            "resume-file-missing",
            "resume_adapter_file",
            f"{resume} does not exist: leave it empty, or name an adapter file.",
            Fix("start from no adapter", (("resume_adapter_file", None),)),
        )
    adapters = values["adapter_path"]
    if values["test"] and not values["train"] and adapters and not (start / adapters / "adapter_config.json").is_file():
        yield _error(
            "no-adapter-to-test",
            "adapter_path",
            f"{adapters} holds no adapter_config.json to test: name a trained adapter, or leave it empty"
            " to test the model alone.",
            Fix("test the model alone", (("adapter_path", ""),)),
        )


def _means_folder(text: str, start: Path) -> bool:
    """A hub name is `name` or `owner/name`; what has more parts, or begins at a folder that is here, meant a folder."""
    beginning = text.partition("/")[0]
    return text.startswith((".", "/", "~")) or text.count("/") > 1 or (start / beginning).is_dir()


def _tilde(text: str) -> str:
    return " (mlx-lm does not expand ~: write the folder out)" if text.startswith("~") else ": check the spelling"
