"""What fine_tune_type and the kind of model make of each other."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.modules import trained_linears
from app.config.config import METHOD

_LORA = Fix("fine_tune_type lora", ((METHOD, "lora"),))


def full_on_quantized(context: Context) -> Iterator[Finding]:
    facts = context.model
    if facts and facts.quantization and not context.adapter:
        yield Finding(
            "error",
            "full-on-quantized",
            (METHOD, "model"),
            f"full cannot train {facts.name}, whose weights are packed into {facts.quantization.bits} bits: use lora,"
            " or a model that is not quantized.",
            "MLX has no gradient for packed weights, so mlx-lm fails at the first step.",
            _LORA,
        )


def full_leaves_out(context: Context) -> Iterator[Finding]:
    if not context.adapter:
        yield Finding(
            "note",
            "full-leaves-out",
            (METHOD, "num_layers"),
            "full trains the layers alone: embeddings, last norm and head stay as they are.",
            "mlx-lm unfreezes the last num_layers layers and nothing else.",
        )


def dora_on_experts(context: Context) -> Iterator[Finding]:
    linears = trained_linears(context)
    if context.values[METHOD] == "dora" and any(linear.experts is not None for linear in linears.values()):
        yield Finding(
            "error",
            "dora-on-experts",
            (METHOD, "lora_parameters.keys", "model"),
            "dora cannot train the experts of this mixture-of-experts model: use lora, or name modules of the attention"
            " alone in lora_parameters.keys.",
            "mlx-lm has no DoRA for them, and fails after the model has loaded.",
            _LORA,
        )


def dora_on_odd_bits(context: Context) -> Iterator[Finding]:
    odd = sorted({linear.bits for linear in trained_linears(context).values() if linear.bits and 32 % linear.bits})
    if context.values[METHOD] == "dora" and odd:
        yield Finding(
            "error",
            "dora-on-odd-bits",
            (METHOD, "model"),
            f"dora cannot train weights of {odd[0]} bits: use lora, or a model quantized to 4 or 8 bits.",
            "mlx-lm counts the inputs of a layer as words times 32 // bits, which is wrong for these, and fails at the"
            " first step.",
            _LORA,
        )


def fuse_on_quantized(context: Context) -> Iterator[Finding]:
    facts = context.model
    if facts and facts.quantization and context.adapter:
        yield Finding(
            "note",
            "fuse-on-quantized",
            ("model",),
            f"When you fuse the adapter into this {facts.quantization.bits}-bit model, add --dequantize.",
            "Packing the sum into so few bits again can round the adapter away (mlx-lm#1172).",
        )
