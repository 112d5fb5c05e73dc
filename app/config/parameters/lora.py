"""The shape and strength of the adapter."""

from app.config.groups import LORA
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="num_layers",
        group=LORA.id,
        kind=Kind.INTEGER,
        default=16,
        label="Layers",
        help="How many layers, counted from the last, are trained. -1, or any number below 1, 0 included,"
        " means all. More than the model has is an error, which the default 16 is on a shallower model."
        " 12 suits style learning.",
        typical="-1 (all) to 16",
        aliases=("lora_layers",),
        memory="Fewer layers keep fewer activations and train fewer weights.",
        speed="Fewer layers shorten the backward pass.",
        quality="Fewer layers learn less and preserve more of the base model.",
    ),
    Parameter(
        key="lora_parameters.rank",
        group=LORA.id,
        kind=Kind.INTEGER,
        default=8,
        # Rank 0 runs and learns nothing, and leaves alpha / rank without a value.
        minimum=1,
        label="Rank",
        flat="lora_rank",
        aliases=("lora_r", "r", "rank"),
        help="Inner dimension of the two LoRA matrices. 8 is balanced. mlx-lm reads rank inside"
        " lora_parameters and ignores lora_rank.",
        typical="4 to 32",
        memory="Adapter and optimizer state grow in proportion; small beside the model.",
        quality="Lower has less capacity and forgets less.",
    ),
    Parameter(
        key="lora_alpha",
        group=LORA.id,
        kind=Kind.NUMBER,
        default=160.0,
        label="Alpha",
        flat="lora_alpha",
        aliases=("lora_parameters.alpha", "alpha"),
        view=True,
        help="Scale times rank, another way to state the strength; usually rank or twice the rank, 8 is"
        " conservative. mlx-lm does not read it: Tunedeck writes scale = alpha / rank.",
        typical="4 to 32",
        quality="Higher follows the new data harder and forgets more.",
    ),
    Parameter(
        key="lora_parameters.scale",
        group=LORA.id,
        kind=Kind.NUMBER,
        default=20.0,
        label="Scale",
        aliases=("lora_scale", "scale"),
        help="The adapter's output is multiplied by it: alpha / rank elsewhere. mlx-lm's default of 20 is"
        " strong; 1 to 2 is usual. It fails when lora_parameters stands in the file without scale.",
        typical="1 to 2",
        quality="Higher follows the new data harder and forgets more.",
    ),
    Parameter(
        key="lora_parameters.dropout",
        group=LORA.id,
        kind=Kind.NUMBER,
        default=0.0,
        minimum=0,
        maximum=1,
        forbidden=(1,),
        label="Dropout",
        flat="lora_dropout",
        aliases=("dropout",),
        help="Share of the adapter's inputs zeroed at random while training, below 1. mlx-lm ignores"
        " lora_dropout, and fails when lora_parameters stands in the file without dropout. With"
        " grad_checkpoint, gradients come from other masks than the loss.",
        typical="0.0 to 0.3",
        quality="0.1 is recommended against overfitting.",
    ),
    Parameter(
        key="lora_parameters.keys",
        group=LORA.id,
        kind=Kind.NAMES,
        default=None,
        optional=True,
        label="Modules",
        aliases=("target_modules", "lora_target_modules", "lora_target", "lora_keys", "keys"),
        help="Modules that get an adapter, each by its full path in a layer: self_attn.q_proj, as q_proj"
        " matches nothing. Left out, every linear and embedding of the layer gets one, MLP and experts too.",
        typical="self_attn.q_proj, self_attn.v_proj",
        memory="Fewer modules keep fewer activations and train fewer weights.",
        quality="Attention alone is often enough for style; all modules learn more.",
    ),
    Parameter(
        key="use_dora",
        group=LORA.id,
        kind=Kind.SWITCH,
        default=False,
        label="DoRA",
        flat="use_dora",
        view=True,
        help="Another way to say fine_tune_type: dora. mlx-lm ignores use_dora and reads fine_tune_type.",
        memory="Off saves memory.",
        speed="DoRA is slower than LoRA.",
        quality="On can improve quality.",
    ),
)
