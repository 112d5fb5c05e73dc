"""How mlx-lm itself reads a file: its own parser, loader and defaults, in the order of its `main`."""

from pathlib import Path
from typing import Any

import yaml
from mlx_lm import lora


def stock_arguments(path: Path) -> dict[str, Any]:
    """The arguments `mlx_lm.lora -c path` would run with."""
    args = vars(lora.build_parser().parse_args(["-c", str(path)]))
    with path.open() as file:
        config = yaml.load(file, lora.yaml_loader)
    for key, value in config.items():
        if args.get(key) is None:
            args[key] = value
    for key, value in lora.CONFIG_DEFAULTS.items():
        if args.get(key) is None:
            args[key] = value
    return args
