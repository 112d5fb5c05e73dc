"""What a mistyped or foreign key was probably meant to be."""

from difflib import get_close_matches

from app.config.registry import PARAMETERS

_EPOCHS = "mlx-lm counts iterations: set iters to epochs × rows / batch_size"
_WARMUP = "put warmup, in updates, inside lr_schedule"
_OPTIMIZER = "put it inside optimizer_config, under the optimizer's name"
_OWN_TYPE = "remove it, as mlx-lm trains in the type that the model is stored in"
_PACKED = "convert the model with mlx_lm.convert -q, and name that folder as model"
_UNCOUNTED = "remove it, as mlx-lm keeps every checkpoint that save_every asks for"
_BLOCK = "use lora_parameters, with rank, scale and dropout"
_DATA = "use data, a folder with train.jsonl and valid.jsonl, or hf_dataset"

_INSTEAD = {
    "epochs": _EPOCHS,
    "num_epochs": _EPOCHS,
    "num_train_epochs": _EPOCHS,
    "max_steps": "it counts updates, and mlx-lm iterations: set iters to max_steps × grad_accumulation_steps",
    "logging_steps": "use steps_per_report, which counts iterations and not updates",
    "eval_steps": "use steps_per_eval, which counts iterations and not updates",
    "save_steps": "use save_every, which counts iterations and not updates",
    "eval_strategy": "use steps_per_eval",
    "evaluation_strategy": "use steps_per_eval",
    "save_strategy": "use save_every",
    "save_total_limit": _UNCOUNTED,
    "per_device_eval_batch_size": "remove it, as mlx-lm validates in batches of batch_size",
    "warmup": _WARMUP,
    "warmup_steps": _WARMUP,
    "warmup_ratio": _WARMUP,
    "lr_scheduler": "use lr_schedule",
    "lr_scheduler_type": "use lr_schedule",
    "weight_decay": _OPTIMIZER,
    "adam_beta1": "put betas inside optimizer_config, under the optimizer's name",
    "adam_beta2": "put betas inside optimizer_config, under the optimizer's name",
    "adam_epsilon": "put eps inside optimizer_config, under the optimizer's name",
    "optim": "use optimizer, such as adamw",
    "optim_args": "use optimizer_config",
    "max_grad_norm": "remove it, as mlx-lm does not clip gradients",
    "lora": _BLOCK,
    "lora_config": _BLOCK,
    "peft_config": _BLOCK,
    "peft_type": "use fine_tune_type",
    "adapter": "use fine_tune_type",
    "lora_target_linear": "leave lora_parameters.keys out, and mlx-lm trains every linear module",
    "modules_to_save": "remove it, as mlx-lm trains no module whole beside an adapter",
    "layers_to_transform": "use num_layers, which counts from the last layer",
    "use_rslora": "set scale inside lora_parameters to alpha / √rank",
    "bias": "remove it, as mlx-lm trains no biases",
    "load_in_4bit": _PACKED,
    "load_in_8bit": _PACKED,
    "quantization_bit": _PACKED,
    "bf16": _OWN_TYPE,
    "fp16": _OWN_TYPE,
    "torch_dtype": _OWN_TYPE,
    "packing": "remove it, as mlx-lm does not pack rows",
    "sample_packing": "remove it, as mlx-lm does not pack rows",
    "assistant_only_loss": "mask_prompt is the nearest, and trains the last answer alone",
    "dataset": _DATA,
    "datasets": _DATA,
    "dataset_name": _DATA,
    "train_file": _DATA,
    "val_set_size": "put those rows into valid.jsonl",
    "dataset_text_field": "use text_feature",
    "resume_from_checkpoint": "use resume_adapter_file, which brings the weights back alone",
    "config": "name the file on the command line",
}
"""Settings of older mlx-lm, PEFT, transformers, TRL, Axolotl and LLaMA-Factory that are no other name of one here, and
what does their work in mlx-lm. Those that are stand with their parameter, as `aliases`."""


def instead_of(name: str) -> str:
    """What to do about a key nobody reads, as the end of a sentence: "did you mean iters?"."""
    plain = name.replace("-", "_")
    if plain in _INSTEAD:
        return f"{_INSTEAD[plain]}."
    near = nearest(name)
    return f"did you mean {near}?" if near else "remove it, or keep it as a note to yourself."


def nearest(name: str) -> str | None:
    """The name that a mistyped one was probably meant to be; None where there is none, or it is another's."""
    plain = name.replace("-", "_")
    near = get_close_matches(plain, _names(), n=1, cutoff=0.7)
    return near[0] if near and plain not in _INSTEAD else None


def _names() -> list[str]:
    """Every name one can write at the top of a file, plus those inside `lora_parameters`."""
    leaves = (parameter.key.rpartition(".")[2] for parameter in PARAMETERS)
    flat = (parameter.flat for parameter in PARAMETERS if parameter.flat)
    return [*leaves, *flat, "lora_parameters"]
