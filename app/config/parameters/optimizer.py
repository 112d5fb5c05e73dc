"""How gradients become updates."""

from app.config.groups import OPTIMIZER
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="optimizer",
        group=OPTIMIZER.id,
        kind=Kind.CHOICE,
        default="adam",
        choices=("adam", "adamw", "muon", "sgd", "adafactor"),
        label="Optimizer",
        help="The parameter reference takes adamw as the default; mlx-lm's is adam, which has no weight"
        " decay. Adafactor ignores learning_rate unless optimizer_config gives it relative_step: false.",
        typical="adamw",
        memory="adam and adamw keep two numbers per trained weight, muon and sgd one, adafactor fewer.",
        quality="adamw decays the weights a little (0.01), which holds the adapter back.",
    ),
    Parameter(
        key="optimizer_config",
        group=OPTIMIZER.id,
        kind=Kind.STRUCTURE,
        default={"adam": {}, "adamw": {}, "muon": {}, "sgd": {}, "adafactor": {}},
        label="Optimizer settings",
        help="Arguments by optimizer name; settings not nested under the name of the optimizer in use are"
        " ignored, and so is a weight_decay at the top of the file.",
        typical="{adamw: {weight_decay: 0.01}}",
    ),
)
