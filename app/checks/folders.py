"""Whether the data is where the configuration says, and apart from what a run writes."""

import os
from collections.abc import Iterator

from app.checks.base_model import hint
from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.surroundings import Standing
from app.config.config import Origin


def data_not_set(context: Context) -> Iterator[Finding]:
    values = context.values
    if context.config.origins["data"] is Origin.DEFAULT and not values["hf_dataset"]:
        yield Finding(
            "warning",
            "data-not-set",
            ("data",),
            f"data is not set, so mlx-lm downloads {values['data']} and trains on that: name the folder that holds your"
            " train.jsonl.",
            "Without data in the file mlx-lm takes its default, unasked.",
        )


def data_not_found(context: Context) -> Iterator[Finding]:
    """A folder that is not there, or what mlx-lm takes for the name of a dataset on the hub."""
    name, around = str(context.values["data"]), context.surroundings
    if around is None or context.values["hf_dataset"]:
        return
    place = around.data
    fix = Fix(f"data {place.like}", (("data", place.like),)) if place.like else None
    if not name or (place.standing is Standing.MISSING and place.means_folder):
        message = f"The data folder {name} does not exist{hint(name)}." if name else "The data folder is not named."
        why = "mlx-lm takes it for the name of a dataset on the hub, and fails when the model has loaded."
        yield Finding("error", "data-missing", ("data",), message, why, fix)
    elif place.standing is Standing.FILE:
        folder = os.path.dirname(name) or "."  # noqa: PTH120, pathlib would lose a leading ./
        yield Finding(
            "error",
            "data-is-file",
            ("data",),
            f"{name} is a file: data must be the folder that holds train.jsonl.",
            "mlx-lm looks for train.jsonl inside it, after the model has loaded.",
            Fix(f"data {folder}", (("data", folder),)) if name.endswith("train.jsonl") else None,
        )
    elif place.standing is Standing.MISSING and (place.like or "/" not in name):
        yield Finding(
            "warning",
            "data-not-here",
            ("data",),
            f"There is no folder {name} here, so mlx-lm looks for a dataset of that name on the hub: check its"
            " spelling.",
            "What is no folder is taken for the name of a Hugging Face dataset.",
            fix,
        )


def no_rows(context: Context) -> Iterator[Finding]:
    values, rows, around = context.values, context.rows, context.surroundings
    if around is None or around.data.standing is not Standing.FOLDER or values["hf_dataset"]:
        return
    batch = values["batch_size"]
    for split, count, needed in (("train", rows.train, values["train"]), ("test", rows.test, values["test"])):
        if needed and not count:
            yield Finding(
                "error",
                "no-rows",
                ("data",),
                f"The data folder {values['data']} has {'no' if count is None else 'an empty'} {split}.jsonl: {split}"
                f" needs at least {batch} row{'s' * (batch > 1)}.",
                "mlx-lm fails when the model has loaded.",
            )


def data_in_adapters(context: Context) -> Iterator[Finding]:
    """Told by the paths alone, wherever they lead."""
    values, around = context.values, context.surroundings
    if around is None or not values["train"] or not values["adapter_path"] or values["hf_dataset"]:
        return
    data, adapters = (os.path.normpath(around.start / str(values[key])) for key in ("data", "adapter_path"))
    if around.data.standing is Standing.FOLDER and os.path.commonpath([data, adapters]) == adapters:
        beside = f"{str(values['data']).rstrip('/')}-adapters"
        yield Finding(
            "warning",
            "data-in-adapters",
            ("adapter_path", "data"),
            f"The data {values['data']} lies in the adapter folder {values['adapter_path']}, so whoever deletes or"
            " uploads the adapter takes the data along: choose another adapter_path.",
            "A run writes its checkpoints there, and an adapter folder is what is thrown away and shared.",
            Fix(f"adapter_path {beside}", (("adapter_path", beside),)) if data == adapters else None,
        )
