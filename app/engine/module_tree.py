"""List the modules of a model that LoRA can go to, from mlx-lm's own model, without reading a weight.

The request, on standard input: `folder`, where weights are, or `model_config`, a config.json alone; and
`trusts_remote_code`. The answer, a line on standard output, is an `app.wire.module_tree`, or `problem`, a sentence.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.engine.failures import Failure, reason
from app.wire.module_tree import Growth, Layer, ModuleTree, Target, encode_tree


def list_and_tell() -> int:
    """Answer the one request. 0 when there is a tree. Ends at once when standard input is closed."""
    try:
        request = json.loads(sys.stdin.buffer.readline())
        folder, config = request["folder"], request["model_config"]
        trusts_remote_code = bool(request["trusts_remote_code"])
    except (ValueError, TypeError, KeyError) as error:
        print(f"no request to list modules on standard input: {error}", file=sys.stderr)
        return 2
    output = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever mlx-lm prints goes to standard error
    os.environ["HF_HUB_OFFLINE"] = "1"  # the tree is of what is here: nothing is ever fetched for it
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        answer = encode_tree(tree_of(_model(folder, config, trusts_remote_code)))
    except Exception as error:
        answer = json.dumps({"problem": reason(error)})
    print(answer, file=output, flush=True)
    return 1 if answer.startswith('{"problem"') else 0


def _model(folder: str | None, config: dict[str, Any] | None, trusts_remote_code: bool) -> Any:
    from app.engine.tracing.building import failing, lazily_loaded
    from app.engine.tracing.from_config import model_of

    name = folder or str((config or {}).get("model_type", "without a model_type"))
    with failing(f"model: {name} cannot be built"):
        return lazily_loaded(Path(folder), trusts_remote_code) if folder else model_of(config or {})


def tree_of(model: Any) -> ModuleTree:
    """Of mlx-lm's model, whose arrays may be promises: none is evaluated. Freezes it. Raises Failure."""
    from mlx_lm.utils import get_total_parameters

    model.freeze()
    total = get_total_parameters(model)
    layers = [layer for layer in model.layers if layer is not None]
    if not layers:
        raise Failure("model: it has no layers, so mlx-lm cannot add an adapter to it.")
    grow = _Grower()
    paths = {id(module): path for path, module in model.named_modules()}
    told = []
    for layer in layers:
        modules = {name: module for name, module in _in_order(layer) if name}
        targets = {name: grow.target(module) for name, module in modules.items()}
        told.append(
            Layer(
                paths.get(id(layer), ""),
                {name: target for name, target in targets.items() if target},
                frozenset(name for name, target in targets.items() if not target),
            )
        )
    inside = {id(module) for layer in layers for _, module in layer.named_modules()}
    outer = [(path, module) for path, module in _in_order(model) if path and id(module) not in inside]
    outside = {path: grow.target(module) for path, module in outer}
    return ModuleTree(
        layers=tuple(told),
        outside={path: target for path, target in outside.items() if target},
        others_outside=frozenset(path for path, target in outside.items() if not target),
        parameters=total,
    )


def _in_order(module: Any) -> Iterator[tuple[str, Any]]:
    """`named_modules` goes backwards through the tree."""
    return reversed(module.named_modules())


class _Grower:
    """What an adapter adds to a module, seen by letting mlx-lm add one; once for all modules that are alike."""

    def __init__(self) -> None:
        self._known: dict[tuple, Target | None] = {}

    def target(self, module: Any) -> Target | None:
        """None for a module that mlx-lm cannot wrap."""
        likeness = _likeness(module)
        if likeness is None:
            return None
        if likeness not in self._known:
            self._known[likeness] = _target(module)
        return self._known[likeness]


def _likeness(module: Any) -> tuple | None:
    """None for a module that mlx-lm does not take unasked, which are those that it cannot wrap."""
    from mlx import nn
    from mlx.utils import tree_flatten
    from mlx_lm.models.switch_layers import QuantizedSwitchLinear, SwitchLinear

    wrapped = (
        nn.Linear, nn.QuantizedLinear, SwitchLinear, QuantizedSwitchLinear, nn.Embedding, nn.QuantizedEmbedding,
    )  # fmt: skip
    if not (hasattr(module, "to_lora") or isinstance(module, wrapped)):
        return None
    shapes: list[tuple[str, Any]] = tree_flatten(module.parameters())  # type: ignore[assignment]
    return (type(module), getattr(module, "bits", None), *((name, array.shape) for name, array in shapes))


def _target(module: Any) -> Target:
    lora, refusal = _growth(module, use_dora=False)
    dora, dora_refusal = _growth(module, use_dora=True)
    experts, inputs, outputs = _sizes(module)
    if lora and dora and dora.per_rank != lora.per_rank:
        # DoRALinear.from_base takes 32 // bits for the weights in a word: its matrices do not fit the module's inputs
        dora, dora_refusal = None, f"DoRA cannot be trained on {module.bits}-bit weights of this kind in mlx-lm"
    return Target(
        kind=type(module).__name__,
        inputs=inputs,
        outputs=outputs,
        experts=experts,
        bits=getattr(module, "bits", None),
        lora=lora,
        dora=dora,
        refusal=refusal or dora_refusal,
    )


def _sizes(module: Any) -> tuple[int | None, int, int]:
    """Experts, inputs and outputs, an embedding's inputs being its entries."""
    from mlx import nn

    *experts, rows, columns = module.weight.shape
    columns = columns * 32 // module.bits if hasattr(module, "bits") else columns
    is_embedding = isinstance(module, nn.Embedding | nn.QuantizedEmbedding)
    inputs, outputs = (rows, columns) if is_embedding else (columns, rows)
    return experts[0] if experts else None, inputs, outputs


def _growth(module: Any, use_dora: bool) -> tuple[Growth | None, str]:
    """What adapters of rank 1 and 2 add, or why there can be none."""
    try:
        one, two = (_added(module, rank, use_dora) for rank in (1, 2))
    except Exception as error:  # whatever the code of a model, or MLX for a shape, raises
        return None, " ".join(str(error).split()) or type(error).__name__
    return Growth(fixed=2 * one - two, per_rank=two - one), ""


def _added(module: Any, rank: int, use_dora: bool) -> int:
    from mlx import nn
    from mlx.utils import tree_flatten
    from mlx_lm.tuner.utils import linear_to_lora_layers

    model, layer = nn.Module(), nn.Module()
    layer.target = module
    model.layers = [layer]
    settings = {"rank": rank, "scale": 1.0, "dropout": 0.0, "keys": ["target"]}
    linear_to_lora_layers(model, 1, settings, use_dora=use_dora)
    arrays: list[tuple[str, Any]] = tree_flatten(layer.target.trainable_parameters())  # type: ignore[assignment]
    return sum(array.size for _, array in arrays)


def _end_with_stdin() -> None:
    """`os.read` and no file object: a thread that sits in one keeps the interpreter from ending."""
    while os.read(0, 4096):
        pass
    os._exit(1)
