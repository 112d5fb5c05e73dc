"""Which weights are trained."""

from app.config.groups import METHOD
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="fine_tune_type",
        group=METHOD.id,
        kind=Kind.CHOICE,
        default="lora",
        choices=("lora", "dora", "full"),
        label="Fine-tuning type",
        aliases=("finetuning_type",),
        help="lora trains low-rank matrices beside frozen weights; dora adds their magnitudes and refuses"
        " mixture-of-experts layers; full trains the layers themselves, fails on a quantized model and never"
        " trains embeddings, last norm or head.",
        memory="full needs gradients and optimizer state for every trained weight; lora the least.",
        speed="dora is slower than lora.",
        quality="full can learn, and forget, the most.",
    ),
)
