"""Which modules of which layers get an adapter."""

from collections.abc import Iterator, Mapping, Sequence

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.config.config import KEYS
from app.models.layers import Layer, Linear, ModuleNames, known_layers, known_names


def trained_layers(context: Context) -> Sequence[Layer]:
    """The layers that get an adapter; empty while they cannot be told for certain."""
    layers = known_layers(context.model) if context.model else None
    wanted = context.values["num_layers"]
    return layers[-max(wanted, 0) :] if layers and wanted <= len(layers) else ()


def trained_linears(context: Context) -> Mapping[str, Linear]:
    """Those of them that get one, by their path in a layer."""
    keys = context.values[KEYS]
    every = {path: linear for layer in trained_layers(context) for path, linear in layer.linears.items()}
    return every if keys is None else {path: linear for path, linear in every.items() if path in keys}


def keys_match(context: Context) -> Iterator[Finding]:
    """mlx_lm.tuner.utils.linear_to_lora_layers takes only whole paths, in a layer or from the model's root."""
    keys, facts = context.values[KEYS], context.model
    if not context.adapter or keys is None or facts is None:
        return
    layers = trained_layers(context)
    if not layers:
        yield from _uncertain(keys, known_names(facts))
        return
    linears = list(dict.fromkeys(path for layer in layers for path in layer.linears))
    names = known_names(facts)
    wrong = [key for key in keys if key not in linears and key not in names.linear]
    others = [key for key in wrong if key in names.every]
    unmatched = [key for key in wrong if key not in others]
    meant = _meant(keys, set(wrong), linears)
    fix = Fix(f"keys {', '.join(meant)}", ((KEYS, meant),)) if meant else Fix("every linear module", ((KEYS, None),))
    paths = f"write whole paths, such as {(meant or linears)[0]}" if meant or linears else "leave them out"
    if others:
        yield Finding(
            "error",
            "key-not-linear",
            (KEYS, "model"),
            f"{', '.join(others)} in lora_parameters.keys cannot get an adapter: {paths}.",
            "mlx-lm adapts linear modules and embeddings, and fails on others after the model has loaded.",
            fix,
        )
    elif len(unmatched) == len(keys):
        yield Finding(
            "error",
            "keys-match-nothing",
            (KEYS, "model"),
            f"lora_parameters.keys match no module of a layer ({', '.join(keys)}): {paths}.",
            "mlx-lm compares whole paths, and fails at its first step when there is nothing to train.",
            fix,
        )
    elif unmatched:
        yield Finding(
            "warning",
            "key-ignored",
            (KEYS, "model"),
            f"{', '.join(unmatched)} in lora_parameters.keys matches no module, so mlx-lm leaves it out: {paths}.",
            "mlx-lm compares whole paths, and says nothing of a key that matches none.",
            fix,
        )


def every_module(context: Context) -> Iterator[Finding]:
    linears = trained_linears(context)
    if not context.adapter or context.values[KEYS] is not None or not linears:
        return
    experts = [path for path, linear in linears.items() if linear.experts is not None]
    which = "experts too" if experts else "MLP too" if any("mlp" in path for path in linears) else "all of them"
    attention = [path for path in linears if "attn" in path][:2]
    example = f", such as {', '.join(attention)}" if attention else ""
    yield Finding(
        "note",
        "every-module",
        (KEYS,),
        f"Without lora_parameters.keys each of the {len(linears)} linear modules of a layer gets an adapter, {which}:"
        f" name those that should{example}, if fewer are enough.",
        "mlx-lm adapts whatever is linear; other tools take the attention alone.",
    )


def all_layers(context: Context) -> Iterator[Finding]:
    wanted = context.values["num_layers"]
    if wanted < 1 and wanted != -1:
        yield Finding(
            "warning",
            "num-layers-below-one",
            ("num_layers",),
            f"num_layers {wanted} trains every layer of the model: write -1 for all, or how many of the last you want.",
            "mlx-lm takes any number below 1 for all.",
            Fix("num_layers -1", (("num_layers", -1),)),
        )


def _uncertain(keys: Sequence[str], names: ModuleNames) -> Iterator[Finding]:
    """For a model whose tree mlx-lm may build otherwise than its weights are stored."""
    ends = [key for key in keys if key not in names.every]
    meant = _meant(keys, set(ends), names.in_layer)
    if len(ends) == len(keys) and meant:
        yield Finding(
            "warning",
            "keys-match-nothing",
            (KEYS, "model"),
            f"lora_parameters.keys seem to match no module of a layer ({', '.join(keys)}): write whole paths, such as"
            f" {meant[0]}.",
            "mlx-lm compares whole paths, and fails at its first step when there is nothing to train.",
            Fix(f"keys {', '.join(meant)}", ((KEYS, meant),)),
        )


def _meant(keys: Sequence[str], wrong: set[str], paths: Sequence[str]) -> list[str]:
    """The keys, with what the wrong ones probably mean: modules that end or begin so."""
    meant: list[str] = []
    for key in keys:
        like = [path for path in paths if path.endswith(f".{key}") or path.startswith(f"{key}.")]
        meant += like if key in wrong else [key]
    return list(dict.fromkeys(meant))
