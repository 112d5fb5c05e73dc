"""The groups of parameters, each a form, in their order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Parameters that share a form."""

    id: str
    label: str
    summary: str


CORE = Group("core", "Model & data", "The base model, whether to train it, and the rows it learns from.")
METHOD = Group("method", "Method", "Train a small adapter beside the frozen weights, or the weights themselves.")
OPTIMIZER = Group("optimizer", "Optimizer", "The rule that turns gradients into updates, and its settings.")
LORA = Group("lora", "LoRA", "How many layers get an adapter, how large it is and how strongly it acts.")
HYPERPARAMETERS = Group(
    "hyperparameters", "Hyperparameters", "How far, how fast and in what portions the model learns."
)
MONITORING = Group("monitoring", "Monitoring", "How often losses are reported, validated and saved, and where to.")
EVALUATION = Group("evaluation", "Evaluation", "How much of the validation and test sets is measured.")
ADVANCED = Group("advanced", "Advanced", "Masking, reproducibility, experiment tracking and permissions.")

GROUPS = (CORE, METHOD, OPTIMIZER, LORA, HYPERPARAMETERS, MONITORING, EVALUATION, ADVANCED)
