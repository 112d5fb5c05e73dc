"""`adapter_file`, which older mlx-lm had where it now has `adapter_path`: a file, not its folder."""

from pathlib import PurePath


def is_adapter_file(name: str) -> bool:
    return name.replace("-", "_") == "adapter_file"


def folder_of(adapter_file: str) -> str:
    return str(PurePath(adapter_file).parent)


def adapter_file(folder: str) -> str:
    return str(PurePath(folder) / "adapters.safetensors")
