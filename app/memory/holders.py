"""What holds the memory at a moment: buffers of a replay, told apart by what their arrays are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from app.memory.job import Widths
from app.memory.simulator.evaluation import Held
from app.memory.simulator.program import Program
from app.wire.tape import Tape

WEIGHTS, ADAPTER, OPTIMIZER, ACCUMULATOR = "weights", "adapter", "optimizer", "gradient accumulator"
SCORES, LOGITS, MLP, GRADIENTS = "attention scores", "logits and loss", "MLP", "gradients"
ACTIVATIONS, REST = "other activations", "rest"

ORDER = (WEIGHTS, ADAPTER, OPTIMIZER, ACCUMULATOR, GRADIENTS, LOGITS, SCORES, MLP, ACTIVATIONS, REST)

_ROLES = {"weights": WEIGHTS, "adapter": ADAPTER, "optimizer": OPTIMIZER, "accumulator": ACCUMULATOR}
_STATE = ("weights", "adapter", "optimizer", "random")


class Holders:
    """Names the holder of every array of a program. Told from roles and shapes, so now and then a namesake is met."""

    def __init__(self, tape: Tape, program: Program, widths: Widths, *, full: bool = False):
        """`full` fine-tuning trains the model's own weights, and has no adapter."""
        self._origins, self._widths = program.origins, widths
        roles = _ROLES | {"adapter": WEIGHTS} if full else _ROLES
        self._known = {array: roles.get(role, REST) for array, role in tape.inputs.items()}
        state = [array for array, role in tape.inputs.items() if role in _STATE]
        if tape.phase != "validate":  # which gives back no state
            for new, old in zip(tape.evaluated, state, strict=False):
                self._known.setdefault(new, self._known[old])
        self._known |= dict.fromkeys(tape.gradients, GRADIENTS if tape.phase == "update" else ACCUMULATOR)
        self._trained = {tape.shapes[array] for array, role in tape.inputs.items() if role == "adapter"}

    def sum_up(self, held: Iterable[Held], shapes: Sequence[tuple[int, ...]], length: int) -> Mapping[str, int]:
        """Bytes by holder, none of nothing. `length` is the tokens that the model sees of a row."""
        sums: Counter[str] = Counter()
        for buffer in held:
            sums[self._holder(buffer.array, shapes, length)] += buffer.bytes
        return {name: sums[name] for name in ORDER if sums[name]}

    def _holder(self, array: int, shapes: Sequence[tuple[int, ...]], length: int) -> str:
        if array < 0:
            return ACTIVATIONS  # a kernel's own copy
        origin = self._origins[array]
        if origin in self._known:
            return self._known[origin]
        shape = shapes[origin]
        if shape in self._trained:
            return GRADIENTS
        if len(shape) > 3 and shape[-1] == shape[-2] == length:
            return SCORES
        if self._widths.vocabulary in shape[-2:]:
            return LOGITS
        intermediate = self._widths.intermediate
        if intermediate and (intermediate in shape[-2:] or shape[-1:] == (2 * intermediate,)):
            return MLP  # twice where gate and up are one projection
        return ACTIVATIONS
