"""Masking, reproducibility, tracking and permissions."""

from app.config.groups import ADVANCED
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="mask_prompt",
        group=ADVANCED.id,
        kind=Kind.SWITCH,
        default=False,
        label="Mask prompt",
        aliases=("completion_only_loss", "train_on_inputs", "train_on_prompt"),
        help="Count the loss on the answer alone; in a chat, on the last message alone. Not for text"
        " data. A batch whose prompts all reach max_seq_length trains no token: loss and adapter become NaN.",
        quality="The model learns to answer, not to write prompts.",
    ),
    Parameter(
        key="seed",
        group=ADVANCED.id,
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        # numpy's limit; it orders the batches.
        maximum=2**32 - 1,
        label="Seed",
        aliases=("random_state", "random_seed"),
        help="Starts the random numbers that initialise the adapter, drop out inputs and order the batches."
        " Which rows share a batch does not depend on it.",
        typical="any, commonly 42",
    ),
    Parameter(
        key="report_to",
        group=ADVANCED.id,
        kind=Kind.TEXT,
        default=None,
        optional=True,
        label="Report to",
        help="Experiment tracker: wandb, swanlab, or both with a comma between. Another name, or a tracker"
        " that is not installed, fails before training.",
        typical="wandb, swanlab",
    ),
    Parameter(
        key="project_name",
        group=ADVANCED.id,
        kind=Kind.TEXT,
        default=None,
        optional=True,
        label="Project name",
        aliases=("wandb_project",),
        help="The project's name at the experiment tracker; left empty, the tracker chooses one."
        " Without report_to it has no effect.",
    ),
    Parameter(
        key="trust_remote_code",
        group=ADVANCED.id,
        kind=Kind.SWITCH,
        default=False,
        label="Trust remote code",
        read_from_yaml=False,
        help="Let a model's repository run its own Python code on this machine. A permission you give for the"
        " session; mlx-lm and Tunedeck ignore it in a file, mlx-lm has the flag --trust-remote-code.",
    ),
    Parameter(
        key="clear_cache_threshold",
        group=ADVANCED.id,
        kind=Kind.INTEGER,
        default=0,
        label="Cache threshold",
        read_from_yaml=False,
        help="Bytes of freed memory that MLX may keep between steps. mlx-lm accepts it and never hands it to"
        " its trainer: the cache is cleared after every step whatever stands here.",
    ),
)
