"""Whether the model is where the configuration says, and one that mlx-lm can load and train."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.surroundings import Standing
from app.config.config import Origin
from app.models.facts import Source
from app.models.hub_home import is_repository


def model_not_set(context: Context) -> Iterator[Finding]:
    if context.config.origins["model"] is Origin.DEFAULT:
        yield Finding(
            "warning",
            "model-not-set",
            ("model",),
            f"model is not set, so mlx-lm downloads {context.values['model']} and trains that: name your own.",
            "Without a model in the file mlx-lm takes its default, unasked.",
        )


def model_not_found(context: Context) -> Iterator[Finding]:
    """No model at all, or a path that leads to none."""
    name, around = str(context.values["model"]), context.surroundings
    if not name:
        yield _wrong("model-empty", "The model is empty: give a folder or a Hugging Face repo such as Qwen/Qwen3-0.6B.")
    elif around is None:
        return
    elif around.model.standing is Standing.FILE:
        yield _wrong("model-is-file", f"{name} is a file: the model must be a folder or a Hugging Face repo.")
    elif around.model.standing is Standing.FOLDER:
        if not around.model_has_config:
            words = f"The model folder {name} has no config.json: choose a folder that holds a model."
            yield _wrong("no-model-in-folder", words)
    elif around.model.means_folder:
        yield _wrong("model-missing", f"The model folder {name} does not exist{hint(name)}.", around.model.like)
    elif not is_repository(name):
        words = f"{name} is neither a folder here nor a name on the hub: check its spelling."
        yield _wrong("model-no-name", words, around.model.like)
    elif context.model is None and (around.model.like or "/" not in name):
        yield Finding(
            "warning",
            "model-not-here",
            ("model",),
            f"There is no folder {name} here, so mlx-lm looks for a model of that name on the hub: check its spelling.",
            "What is no folder is taken for the name of a Hugging Face repo.",
            _instead("model", around.model.like),
        )


def model_unreadable(context: Context) -> Iterator[Finding]:
    around = context.surroundings
    here = around is not None and around.model.standing is Standing.FOLDER and around.model_has_config
    if here and context.model is None and context.model_problem:
        yield _wrong("model-unreadable", context.model_problem, why="mlx-lm reads the same files, and fails on them.")


def weights_missing(context: Context) -> Iterator[Finding]:
    """Of a model in the hub's cache the rest is downloaded. An index may name files that the model can do without."""
    facts = context.model
    if facts and facts.source is Source.FOLDER and facts.missing_files:
        names = ", ".join(facts.missing_files[:3]) + (" and more" if len(facts.missing_files) > 3 else "")
        yield Finding(
            "warning" if facts.tensors else "error",
            "weights-missing",
            ("model",),
            f"The model folder {facts.name} lacks {names}: copy or download it again.",
            "mlx-lm loads the model*.safetensors that are there, and fails unless they are all of the weights.",
        )


def cannot_train(context: Context) -> Iterator[Finding]:
    """Code of the model's own is another matter once it is allowed."""
    facts = context.model
    if facts is None or facts.cannot_train is None:
        return
    if not (context.values["trust_remote_code"] and "trust_remote_code" in facts.cannot_train):
        why = "mlx-lm has a module of its own for each model_type, and fails without one."
        yield _wrong("model-cannot-train", facts.cannot_train, why=why)


def hint(name: str) -> str:
    """What to do about a folder that is not there."""
    return " (mlx-lm does not expand ~: write the folder out)" if name.startswith("~") else ": check the spelling"


def _wrong(code: str, message: str, like: str = "", why: str = "mlx-lm fails when it loads the model.") -> Finding:
    return Finding("error", code, ("model",), message, why, _instead("model", like))


def _instead(key: str, like: str) -> Fix | None:
    return Fix(f"{key} {like}", ((key, like),)) if like else None
