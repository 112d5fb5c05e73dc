"""What `resume_adapter_file` does, and does not do: mlx-lm loads its weights over the new adapter, unchecked."""

import os
from collections.abc import Iterator
from pathlib import PurePath

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.modules import trained_layers, trained_linears
from app.checks.surroundings import ResumeFile, Standing
from app.config.config import KEYS, METHOD, RANK
from app.models.adapter_shape import AdapterShape, adapter_shape
from app.models.adapters import takes_dora

_READ = (".safetensors", ".npz", ".gguf", ".npy")
"""What mx.load takes; only of the first the tensors are told here."""

_KEY = "resume_adapter_file"


def resume_unreadable(context: Context) -> Iterator[Finding]:
    name, file = context.values[_KEY], _file(context)
    if not name or file is None:
        return
    none = Fix("start from no adapter", ((_KEY, None),))
    why = "mlx-lm fails on it when the model has loaded."
    if file.standing is Standing.FOLDER:
        fix = Fix(f"resume from {PurePath(file.inside).name}", ((_KEY, file.inside),)) if file.inside else none
        message = f"{name} is a folder: name the adapter file in it."
        yield Finding("error", "resume-is-folder", (_KEY,), message, why, fix)
    elif file.standing is Standing.MISSING:
        message = f"{name} does not exist: leave it empty, or name an adapter file."
        yield Finding("error", "resume-file-missing", (_KEY,), message, why, none)
    elif not name.endswith(_READ):
        message = f"{name} is no adapter file by its name: name a file that ends in .safetensors."
        yield Finding("error", "resume-unreadable", (_KEY,), message, why, none)
    elif file.problem:
        yield Finding("error", "resume-unreadable", (_KEY,), file.problem, why, none)


def resume_other_rank(context: Context) -> Iterator[Finding]:
    found, wanted = _shape(context), context.values[RANK]
    if found and context.adapter and found.ranks and wanted not in found.ranks:
        (rank, *others) = sorted(found.ranks)
        yield Finding(
            "error",
            "resume-other-rank",
            (RANK, _KEY),
            f"{context.values[_KEY]} has rank {rank} and the configuration says {wanted}, so the adapter trained from"
            f" it would not load afterwards: set rank to {rank}, or start from no adapter.",
            "mlx-lm loads another rank without a word, and writes the configured one into adapter_config.json.",
            None if others else Fix(f"rank {rank}", ((RANK, rank),)),
        )


def resume_other_modules(context: Context) -> Iterator[Finding]:
    """Modules and layers of the file that the configuration does not train, or that it trains beside them."""
    found, name = _shape(context), context.values[_KEY]
    wanted = _wanted(context)
    if not found or not wanted:
        return
    left_out, fresh = found.modules - wanted, wanted - found.modules
    if found.is_full == context.adapter:
        theirs = "full fine-tuning" if found.is_full else "lora"
        words = f"{name} comes from {theirs} and fits little or nothing of what {context.values[METHOD]} trains"
        yield _unfit(context, f"{words}, so this would start afresh")
    elif not found.modules & wanted:
        yield _unfit(context, f"{name} holds none of the modules that are trained here, so they would start afresh")
    elif left_out:
        share = f"{len(left_out)} of {len(found.modules)} modules in {name} are not trained here"
        yield _unfit(context, f"{share}, so the adapter would lose what they learned", _as_in_file(context, found))
    elif fresh:
        share = f"{name} lacks {len(fresh)} of the {len(wanted)} modules that are trained here"
        yield _unfit(context, f"{share}, so these start afresh", _as_in_file(context, found))


def resume_other_method(context: Context) -> Iterator[Finding]:
    found, method = _shape(context), context.values[METHOD]
    if found and context.adapter and found.ranks and found.is_dora != (method == "dora"):
        theirs = "dora" if found.is_dora else "lora"
        can = theirs == "lora" or all(map(takes_dora, trained_linears(context).values()))
        yield Finding(
            "warning",
            "resume-other-method",
            (METHOD, _KEY),
            f"{context.values[_KEY]} was trained with {theirs} and the configuration says {method}, so it goes on as"
            f" another adapter: set fine_tune_type to {theirs}.",
            "mlx-lm loads what has the same name, and leaves the magnitudes that dora has beside it.",
            Fix(f"fine_tune_type {theirs}", ((METHOD, theirs),)) if can else None,
        )


def resume_weights_only(context: Context) -> Iterator[Finding]:
    file = _file(context)
    if context.values[_KEY] and file is not None and file.standing is Standing.FILE:
        schedule = ", the warm-up and decay of lr_schedule" if context.values["lr_schedule"] else ""
        yield Finding(
            "note",
            "resume-weights-only",
            (_KEY,),
            f"From {context.values[_KEY]} the weights go on and all else begins anew: iteration 1, the optimizer's"
            f" averages{schedule} and the order of the data.",
            "mlx-lm keeps nothing but weights.",
        )


def resume_overwritten(context: Context) -> Iterator[Finding]:
    values, around, file = context.values, context.surroundings, _file(context)
    if around is None or not values[_KEY] or not values["adapter_path"] or file is None:
        return
    if file.standing is Standing.FILE and resumes_in_place(context):
        free = around.adapter.free_name
        yield Finding(
            "warning",
            "resume-overwritten",
            ("adapter_path", _KEY),
            f"The run writes to the folder that it resumes from, so {PurePath(values[_KEY]).name} and other checkpoints"
            " there are overwritten: choose another adapter_path.",
            "mlx-lm counts from iteration 1 again, and numbers its checkpoints as before.",
            Fix(f"adapter_path {free}", (("adapter_path", free),)) if free else None,
        )


def resumes_in_place(context: Context) -> bool:
    around, values = context.surroundings, context.values
    if around is None or not values[_KEY]:
        return False
    folder = os.path.normpath(around.start / PurePath(values[_KEY]).parent)
    return folder == os.path.normpath(around.start / str(values["adapter_path"]))


def _file(context: Context) -> ResumeFile | None:
    return context.surroundings.resume if context.surroundings else None


def _shape(context: Context) -> AdapterShape | None:
    file = _file(context)
    return adapter_shape(file.tensors) if file and file.tensors and context.values[_KEY] else None


def _wanted(context: Context) -> frozenset[tuple[int, str]]:
    """What the configuration trains; empty while it is not known for certain."""
    layers, keys, depth = trained_layers(context), context.values[KEYS], context.depth
    if not layers or not depth:
        return frozenset()
    first = depth - len(layers)
    if not context.adapter:
        return frozenset((first + at, name) for at, layer in enumerate(layers) for name in layer.tensors)
    return frozenset(
        (first + at, path) for at, layer in enumerate(layers) for path in layer.linears if keys is None or path in keys
    )


def _as_in_file(context: Context, found: AdapterShape) -> Fix | None:
    """As many layers, and the same modules, where all layers of the file have the same and the model has them."""
    layers, depth = {layer for layer, _ in found.modules}, context.depth
    if not depth or found.is_full or layers != set(range(depth - len(layers), depth)):
        return None
    paths = {layer: {path for at, path in found.modules if at == layer} for layer in layers}
    every = set(trained_layers(context)[-1].linears)
    if any(each != paths[depth - 1] or not each <= every for each in paths.values()):
        return None
    keys = sorted(paths[depth - 1])
    return Fix(
        f"{len(layers)} layers, modules as in the file",
        (("num_layers", len(layers)), (KEYS, None if set(keys) == every else keys)),
    )


def _unfit(context: Context, words: str, fix: Fix | None = None) -> Finding:
    return Finding(
        "warning",
        "resume-does-not-fit",
        (_KEY, "num_layers", KEYS, METHOD),
        f"{words}: train what the file has, or start from no adapter.",
        "mlx-lm loads what has the same name and leaves out the rest without a word.",
        fix or Fix("start from no adapter", ((_KEY, None),)),
    )
