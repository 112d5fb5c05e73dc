"""What the simulator believes of MLX, asked of the MLX that is installed."""

import mlx.core as mx
import pytest

from app.memory.simulator.fusion import FUSABLE
from app.memory.simulator.rules import RULES

X = mx.array([[0.5, 0.25], [0.125, 0.75]])
Y = mx.array([[1.5, 0.5], [0.25, 2.0]])
WHOLE = mx.array([[1, 2], [3, 4]])

OPERATIONS = {
    **dict.fromkeys(
        (
            "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "argsort", "ceil", "cos", "cosh",
            "cumsum", "erf", "erfinv", "exp", "expm1", "floor", "log", "log10", "log1p", "log2", "logical_not",
            "logsumexp", "negative", "round", "rsqrt", "sigmoid", "sign", "sin", "sinh", "softmax", "sort", "sqrt",
            "square", "tan", "tanh", "transpose",
        ),
        (X,),
    ),
    **dict.fromkeys(
        (
            "add", "arctan2", "divide", "equal", "floor_divide", "greater", "greater_equal", "less", "less_equal",
            "logaddexp", "logical_and", "logical_or", "matmul", "maximum", "minimum", "multiply", "not_equal", "power",
            "remainder", "subtract",
        ),
        (X, Y),
    ),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"), (WHOLE, WHOLE)),
    "where": (WHOLE, X, Y),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_mlx_fuses_what_the_simulator_does(operation, tmp_path):
    """Between two exponentials, which would fuse with anything that does; and every primitive has a rule."""

    def chain(*arrays):
        made = getattr(mx, operation)(*(array + array for array in arrays))
        return mx.exp(made.astype(mx.float32) * 2)

    primitives = exported(chain, OPERATIONS[operation])
    assert primitives <= RULES.keys()
    assert (primitives <= FUSABLE) == (kernels(chain, OPERATIONS[operation], tmp_path / "graph.dot") == 1)


def exported(function, arrays) -> set[str]:
    """Names of the primitives."""
    told = []
    mx.export_function(told.append, function, *arrays)
    return {each["name"] for each in told if each["type"] == "primitive"}


def kernels(function, arrays, file) -> int:
    """How many primitives are left once it is compiled, `Compiled` ones among them."""
    result = mx.compile(function)(*arrays)
    mx.export_to_dot(str(file), result)
    return file.read_text().count("shape=rectangle")
