"""How far, how fast and in what portions the model learns."""

from app.config.groups import HYPERPARAMETERS
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="learning_rate",
        group=HYPERPARAMETERS.id,
        kind=Kind.NUMBER,
        default=1e-5,
        label="Learning rate",
        aliases=("lr",),
        help="Step size of the optimizer; 1e-5 is conservative. Without effect when lr_schedule is set, and"
        " with adafactor unless relative_step is false.",
        typical="1e-6 to 1e-4",
        quality="Too high forgets the base model or diverges; too low learns nothing.",
    ),
    Parameter(
        key="lr_schedule",
        group=HYPERPARAMETERS.id,
        kind=Kind.STRUCTURE,
        default=None,
        optional=True,
        label="Rate schedule",
        help="name (cosine_decay, linear_schedule, exponential_decay, step_decay), arguments, warmup and"
        " warmup_init. Its first argument silently replaces learning_rate; it counts updates, not"
        " iterations.",
        typical="{name: cosine_decay, arguments: [1e-5, 1000, 1e-7], warmup: 100}",
        quality="A warm-up and a decay to near zero make a run steadier.",
    ),
    Parameter(
        key="batch_size",
        group=HYPERPARAMETERS.id,
        kind=Kind.INTEGER,
        default=4,
        minimum=1,
        label="Batch size",
        aliases=("per_device_train_batch_size", "train_batch_size", "micro_batch_size"),
        help="Rows per iteration, over all workers together. Training, validation and test set must each hold"
        " at least so many rows, and the rows left over (rows mod batch_size) are never trained.",
        typical="1 to 8",
        memory="Activations grow in proportion; 1 for 16 GB.",
        speed="Larger uses the GPU better until memory is short.",
        quality="Larger averages more rows per step; accumulation does the same in less memory.",
    ),
    Parameter(
        key="iters",
        group=HYPERPARAMETERS.id,
        kind=Kind.INTEGER,
        default=1000,
        minimum=1,
        label="Iterations",
        help="Batches to train on, not updates: weights change iters // grad_accumulation_steps times and the"
        " rest is thrown away; fewer than grad_accumulation_steps saves an untrained adapter. One epoch is"
        " rows // batch_size.",
        typical="epochs × dataset_size / batch_size",
        speed="The run's length is proportional to it.",
        quality="Too many overfit: watch the validation loss.",
    ),
    Parameter(
        key="max_seq_length",
        group=HYPERPARAMETERS.id,
        kind=Kind.INTEGER,
        default=2048,
        # The loss predicts each token from those before it: one token has nothing to predict.
        minimum=2,
        label="Max sequence length",
        aliases=("max_seq_len", "cutoff_len", "sequence_len", "max_length"),
        help="Rows with more tokens are cut there, with only a warning in the log. With mask_prompt, a batch"
        " whose prompts are all this long has no token to train on: its loss is NaN, and so is the adapter.",
        typical="512 to 2048",
        memory="The longest batch sets the peak; 512 saves memory, 1024 is a good balance.",
        speed="Longer rows take longer in proportion, attention more.",
        quality="What is cut off is never learned, the end of the answer first.",
    ),
    Parameter(
        key="grad_accumulation_steps",
        group=HYPERPARAMETERS.id,
        kind=Kind.INTEGER,
        default=1,
        minimum=1,
        label="Accumulation steps",
        aliases=("gradient_accumulation_steps",),
        help="Iterations whose gradients are averaged into one update: effective batch = batch_size ×"
        " grad_accumulation_steps. Iterations after the last full group are thrown away.",
        typical="1 to 32",
        memory="Above 1 keeps one more copy of the gradients, whatever the number.",
        quality="Steadier updates, fewer of them.",
    ),
    Parameter(
        key="grad_checkpoint",
        group=HYPERPARAMETERS.id,
        kind=Kind.SWITCH,
        default=False,
        label="Grad checkpointing",
        aliases=("gradient_checkpointing",),
        help="Forget each layer's activations and compute them again for the backward pass. Without dropout"
        " the result stays the same; with it, mlx-lm draws another mask the second time, so the gradients are"
        " not those of the reported loss.",
        memory="Saves most of the activations.",
        speed="Slower by up to one more forward pass per step.",
        quality="Best with dropout 0.",
    ),
)
