"""What mlx.optimizers keeps beside the weights it trains: the arrays that `init_single` of each class makes."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.models.facts import Tensor
from app.models.headers import tensor_bytes

_COPIES = {"adam": 2, "adamw": 2, "sgd": 1, "muon": 1}
"""Arrays of the shape and dtype of each weight; sgd keeps one without momentum too."""
_SCALARS = (Tensor("U64", ()), Tensor("F32", ()))
"""The step and the learning rate."""


def state_bytes(optimizer: str, settings: Mapping[str, Any], trained: list[Tensor]) -> int | None:
    """Bytes of all arrays in the optimizer's state, its step and learning rate included.

    `settings` are those under the optimizer's name in optimizer_config. None for an optimizer not known here.
    """
    if optimizer in _COPIES:
        arrays = _COPIES[optimizer] * trained
    elif optimizer == "adafactor":
        arrays = [array for tensor in trained for array in _adafactor(tensor, settings.get("beta_1") is not None)]
    else:
        return None
    return sum(map(tensor_bytes, (*arrays, *_SCALARS)))


def _adafactor(tensor: Tensor, has_first_moment: bool) -> Iterator[Tensor]:
    """A matrix has one row and one column of second moments instead of a whole matrix."""
    if len(tensor.shape) < 2:
        yield tensor
    else:
        *stack, rows, columns = tensor.shape
        yield Tensor(tensor.dtype, (*stack, rows))
        yield Tensor(tensor.dtype, (*stack, columns))
    if has_first_moment:
        yield tensor
