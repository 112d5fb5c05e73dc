"""What a mistyped or foreign key was probably meant to be."""

from difflib import get_close_matches

from app.config.registry import PARAMETERS

_INSTEAD = {
    "epochs": "mlx-lm counts iterations: set iters to epochs × rows / batch_size",
    "num_train_epochs": "mlx-lm counts iterations: set iters to epochs × rows / batch_size",
    "warmup": "put warmup inside lr_schedule",
    "warmup_steps": "put warmup inside lr_schedule",
    "warmup_ratio": "put warmup, in updates, inside lr_schedule",
    "lr_scheduler_type": "use lr_schedule",
    "weight_decay": "put weight_decay inside optimizer_config, under the optimizer's name",
    "rank": "put rank inside lora_parameters",
    "scale": "put scale inside lora_parameters",
    "alpha": "use lora_alpha, or scale inside lora_parameters",
    "dropout": "put dropout inside lora_parameters",
    "keys": "put keys inside lora_parameters",
    "target_modules": "use lora_parameters.keys, with full paths such as self_attn.q_proj",
    "lora_target_modules": "use lora_parameters.keys, with full paths such as self_attn.q_proj",
    "config": "name the file on the command line",
}
"""Settings of other trainers, and what does their work in mlx-lm."""


def instead_of(name: str) -> str:
    """What to do about a key nobody reads, as the end of a sentence: "did you mean iters?"."""
    plain = name.replace("-", "_")
    if plain in _INSTEAD:
        return _INSTEAD[plain]
    near = get_close_matches(plain, _names(), n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else "remove it, or keep it as a note to yourself"


def _names() -> list[str]:
    """Every name one can write at the top of a file, plus those inside `lora_parameters`."""
    leaves = (parameter.key.rpartition(".")[2] for parameter in PARAMETERS)
    flat = (parameter.flat for parameter in PARAMETERS if parameter.flat)
    return [*leaves, *flat, "lora_parameters"]
