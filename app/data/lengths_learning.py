"""Have the rows of a dataset counted in tokens, by an engine process that has the model's own tokenizer."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from app.data.lengths import Lengths, decode_lengths
from app.data.lengths_cache import Question, load_lengths, question, save_lengths, staged_order
from app.machine.backend import missing_backend
from app.models.cache import find_model
from app.models.facts import ModelError
from app.wire.errand import ErrandFailed, run_errand
from app.wire.process import engine_command

OnProgress = Callable[[str, int], None]
"""Given `train` or `valid` and the rows counted so far, a few times a second."""


def learn_lengths(
    config: Mapping[str, Any],
    start_directory: Path,
    cache_folder: Path,
    on_progress: OnProgress = lambda name, done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Lengths | str | None:
    """The lengths under a native configuration as mlx-lm reads it in `start_directory`; None when cancelled.

    A sentence when they cannot be known. At once where `cache_folder` has them; else an engine process counts, for
    seconds to minutes, and is gone when this returns or raises. Nothing is downloaded.
    """
    asked = _question(config, start_directory)
    if asked and (known := load_lengths(cache_folder, asked)):
        return known
    if problem := missing_backend():
        return problem
    with staged_order(cache_folder) if asked else nullcontext() as order:
        answer = _ask(config, start_directory, order, on_progress, cancelled)
        if not isinstance(answer, dict):
            return answer
        kept = save_lengths(cache_folder, asked, answer, order) if asked and order else None
        return decode_lengths(answer, kept)


def _question(config: Mapping[str, Any], start: Path) -> Question | None:
    """None for what has no files here by which it would be known again: data of a hub, a model that is missing."""
    model_name, data_name = config.get("model"), config.get("data")
    if not model_name or not data_name or config.get("hf_dataset"):
        return None
    data = start.absolute() / str(data_name)
    try:
        model = find_model(str(model_name), start.absolute())
        is_local = data.is_dir()
    except (ModelError, OSError):  # torn weights, say: the tokenizer may be whole
        return None
    return question(config, data, model.folder) if is_local and model and model.folder else None


def _ask(
    config: Mapping[str, Any], start: Path, order: Path | None, on_progress: OnProgress, cancelled: Callable[[], bool]
) -> dict[str, Any] | str | None:
    """The engine's answer, or a sentence in its place; None when cancelled."""
    request = {
        "config": config,
        "trusts_remote_code": bool(config.get("trust_remote_code")),
        "order": order and str(order.absolute()),
    }

    def tell(message: Mapping[str, Any]) -> None:
        on_progress(message["set"], message["done"])

    try:
        answer = run_errand(engine_command("lengths"), request, start, tell, cancelled)
    except OSError as error:
        return f"The rows cannot be counted in {start}: {error.strerror}."
    except ErrandFailed as error:
        return f"The process that counts the rows {error}"
    return answer.get("problem", answer) if answer else None
