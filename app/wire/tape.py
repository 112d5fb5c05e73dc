"""A training step as MLX would run it, and the request for one: from the engine's tracer to whoever simulates it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class TraceRequest:
    """Which step: of a model folder, or of a config.json alone, under a native configuration.

    `width` is that of the padded batch, with the last token, which is only predicted: the model sees `width - 1`.
    """

    model: str | None
    """The folder; None to build the model from `model_config`, for models whose weights are not here."""
    model_config: Mapping[str, Any] | None
    config: Mapping[str, Any]
    """The native configuration, as it trains."""
    batch: int
    width: int
    trusts_remote_code: bool = False
    for_gpu: bool = False
    """Whether a trace on the CPU stands for one on a CUDA GPU, as well as it can."""


@dataclass(frozen=True)
class Primitive:
    """`arguments` decide a layout: axes of Transpose, ExpandDims and Squeeze, strides of Slice and AsStrided."""

    name: str
    arguments: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Checkpoint:
    """One call of `mx.checkpoint`, marked for the simulator, since MLX cannot export the call itself.

    `primals` are the marked copies that the second forward pass reads, `outputs` what stands for its outputs.
    """

    primals: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Tape:
    """Arrays go by number: the index of `shapes` and `itemsizes`. Not fused, and in MLX's export order."""

    phase: str
    """`update`; `accumulate`, a step that only adds up gradients; or `validate`."""
    shapes: tuple[tuple[int, ...], ...]
    itemsizes: tuple[int, ...]
    """Bytes of one element."""
    primitives: tuple[Primitive, ...]
    inputs: Mapping[int, str]
    """What each input is: weights, adapter, optimizer, accumulator, batch or random."""
    constants: tuple[int, ...]
    evaluated: tuple[int, ...]
    """In the order in which `mx.eval` gets them."""
    released: tuple[int, ...]
    """Inputs that nobody refers to any more when the step is evaluated: the state that the step replaces."""
    gradients: tuple[int, ...] = ()
    """Those evaluated that are kept for the next step."""
    checkpoints: tuple[Checkpoint, ...] = ()
    markers: tuple[int, ...] = ()
    """Constants that stand in the tape for the sake of `checkpoints` alone."""


def encode(tape: Tape) -> str:
    """One line of JSON."""
    fields = {name: getattr(tape, name) for name in _PLAIN}
    return json.dumps(
        fields
        | {
            "inputs": list(tape.inputs.items()),
            "primitives": [(p.name, p.arguments, p.inputs, p.outputs) for p in tape.primitives],
            "checkpoints": [(c.primals, c.outputs) for c in tape.checkpoints],
        },
        separators=(",", ":"),
    )


def decode(line: str) -> Tape:
    """The tape of such a line. Raises ValueError, KeyError or TypeError for any other."""
    return _tape(json.loads(line))


def encode_answer(tapes: Iterable[Tape]) -> str:
    """One line of JSON: the answer to a request."""
    return f'{{"tapes":[{",".join(map(encode, tapes))}]}}'


def encode_problem(sentence: str) -> str:
    """One line of JSON: the answer to a request that cannot be traced."""
    return json.dumps({"problem": sentence})


def decode_answer(line: str) -> tuple[Tape, ...] | str:
    """The tapes of such a line, or the sentence on why there are none. Raises ValueError, KeyError or TypeError."""
    fields = json.loads(line)
    return str(fields["problem"]) if "problem" in fields else tuple(map(_tape, fields["tapes"]))


def encode_request(request: TraceRequest) -> str:
    """One line of JSON."""
    return json.dumps(asdict(request))


def decode_request(line: str) -> TraceRequest:
    """The request of such a line. Raises ValueError or TypeError for any other."""
    return TraceRequest(**json.loads(line))


_PLAIN = ("phase", "shapes", "itemsizes", "constants", "evaluated", "released", "gradients", "markers")


def _tape(fields: Mapping[str, Any]) -> Tape:
    plain: dict[str, Any] = {name: tuple(fields[name]) for name in _PLAIN}
    return Tape(
        **plain
        | {
            "phase": fields["phase"],
            "shapes": tuple(map(tuple, fields["shapes"])),
            "inputs": dict(fields["inputs"]),
            "primitives": tuple(
                Primitive(name, tuple(arguments), tuple(inputs), tuple(outputs))
                for name, arguments, inputs, outputs in fields["primitives"]
            ),
            "checkpoints": tuple(
                Checkpoint(tuple(primals), tuple(outputs)) for primals, outputs in fields["checkpoints"]
            ),
        }
    )
