"""What stands in the adapter folder already."""

from collections.abc import Iterator
from typing import Any

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.resuming import resumes_in_place
from app.config.config import LORA_BLOCK, METHOD, native

_SHAPE = (METHOD, "num_layers")
_LORA_SHAPE = ("rank", "keys")


def adapter_stands(context: Context) -> Iterator[Finding]:
    """An adapter of the same shape is what a second try replaces; of another one, both may be spoiled."""
    values, around = context.values, context.surroundings
    if around is None or not values["adapter_path"] or resumes_in_place(context):
        return
    folder = around.adapter
    if not folder.has_weights and not folder.checkpoints:
        return
    fix = Fix(f"adapter_path {folder.free_name}", (("adapter_path", folder.free_name),))
    differing = _differing(folder.config, native(context.config))
    if differing:
        yield Finding(
            "warning",
            "other-adapter-stands",
            ("adapter_path",),
            f"{values['adapter_path']} holds an adapter of another shape ({differing}): choose another adapter_path, as"
            " its checkpoints would stand among the new ones.",
            "mlx-lm writes adapter_config.json before it trains, so a run that breaks off leaves the old weights with a"
            " configuration that cannot load them.",
            fix,
        )
    else:
        yield Finding(
            "note",
            "adapter-stands",
            ("adapter_path",),
            f"{values['adapter_path']} holds an adapter already, which a run replaces: choose another adapter_path to"
            " keep it.",
            "mlx-lm overwrites it without asking; Tunedeck asks first.",
            fix,
        )


def no_adapter_to_test(context: Context) -> Iterator[Finding]:
    values, around = context.values, context.surroundings
    if around is None or values["train"] or not values["test"] or not values["adapter_path"]:
        return
    lacks = [
        name
        for name, is_there in (
            ("adapter_config.json", around.adapter.config is not None),
            ("adapters.safetensors", around.adapter.has_weights),
        )
        if not is_there
    ]
    if lacks:
        yield Finding(
            "error",
            "no-adapter-to-test",
            ("adapter_path",),
            f"{values['adapter_path']} holds no {' and no '.join(lacks)} to test: name a trained adapter, or leave it"
            " empty to test the model alone.",
            "mlx-lm loads the adapter before a test, and fails without one.",
            Fix("test the model alone", (("adapter_path", ""),)),
        )


def _differing(theirs: Any, ours: dict[str, Any]) -> str:
    """What an adapter_config.json says otherwise, in words; empty when it would be written the same."""
    if not isinstance(theirs, dict):
        return ""
    words = [f"{key} {theirs[key]}" for key in _SHAPE if key in theirs and theirs[key] != ours[key]]
    block, own = theirs.get(LORA_BLOCK), ours[LORA_BLOCK]
    if isinstance(block, dict) and ours[METHOD] != "full":
        words += [f"{key} {block.get(key)}" for key in _LORA_SHAPE if block.get(key) != own.get(key)]
    if "model" in theirs and theirs["model"] != ours["model"]:
        words.append(f"model {theirs['model']}")
    return ", ".join(words)
