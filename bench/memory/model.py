"""`python -m bench.memory.model CASE FOLDER`: the model of a case, with random weights, as mlx-lm loads one."""

import sys
from pathlib import Path

import mlx.core as mx
from mlx_lm.utils import _get_classes, quantize_model, save_config, save_model

from bench.memory.case import Case, decode

_DTYPES = {"float32": mx.float32, "bfloat16": mx.bfloat16}


def save(case: Case, folder: Path) -> None:
    """Write config.json and the weights, but no tokenizer: rows are tokens already."""
    mx.random.seed(0)
    config = case.model_config
    model_class, args_class = _get_classes(config)
    model = model_class(args_class.from_dict(config))
    model.set_dtype(_DTYPES[case.dtype])
    if case.bits is not None:
        model, config = quantize_model(model, config, group_size=64, bits=case.bits)
    save_model(folder, model)
    save_config(config, folder / "config.json")


if __name__ == "__main__":
    save(decode(sys.argv[1]), Path(sys.argv[2]))
