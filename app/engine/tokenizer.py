"""The model's own tokenizer, and mlx-lm's own classes that ask it."""

import os
from types import SimpleNamespace
from typing import Any

from app.engine.failures import Failure


def stay_here() -> None:
    """Nothing is fetched in passing. To be called before the clients of the hubs are imported."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    os.environ["MLXLM_USE_MODELSCOPE"] = "False"  # its client knows no such switch
    os.environ["TOKENIZERS_PARALLELISM"] = "true"  # as mlx_lm.lora sets it


def load_tokenizer(model: str, trusts_remote_code: bool) -> Any:
    """As `mlx_lm.utils.load` does, from this computer alone. Raises Failure."""
    from huggingface_hub import errors
    from mlx_lm import utils

    try:
        return utils.load_tokenizer(model, {"trust_remote_code": trusts_remote_code})
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise Failure(
            f"model: {model} is not on this computer yet, and nothing is downloaded for this: download it first."
        ) from error
    except errors.HFValidationError as error:
        raise Failure(f"model: {model} is neither a folder here nor a name on the hub: check its spelling.") from error
    except Exception as error:  # whatever the code of a tokenizer raises
        raise Failure(f"model: the tokenizer of {model} cannot be loaded: {' '.join(str(error).split())}") from error


def dataset_of(first: Any, tokenizer: Any, args: SimpleNamespace) -> Any:
    """mlx-lm's dataset for a file with this first row. Raises ValueError or TypeError when it knows none.

    Text has no prompt to mask: mlx-lm refuses it with mask_prompt, and here it goes without.
    """
    from mlx_lm.tuner.datasets import TextDataset, create_dataset

    unmasked = SimpleNamespace(**vars(args) | {"mask_prompt": False})
    dataset = create_dataset([first], tokenizer, unmasked)
    return dataset if isinstance(dataset, TextDataset) else create_dataset([first], tokenizer, args)
