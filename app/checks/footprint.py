"""The reference's advice for memory-constrained systems (16GB RAM). How much a run needs is not judged here."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.updates import FEWEST_UPDATES

SMALL_MEMORY = 17 * 2**30
"""Bytes: a computer sold with 16 GB has 16 GiB or a little less; the next size has 18."""

SHORT, LONG = 512, 1024
"""The reference: batch_size 1 with max_seq_length 512-1024; hence also the tokens of one step, which activations
grow with, whatever their division into rows."""

FEW_LAYERS, MANY_LAYERS = 12, 16
"""The reference's num_layers for 16GB, and for more memory available."""

ACCUMULATION = 8
"""The reference: 8-16 compensates for the small batch size."""

COUNTED_IN_BATCHES = (
    "grad_accumulation_steps",
    "iters",
    "steps_per_report",
    "steps_per_eval",
    "save_every",
    "val_batches",
    "test_batches",
)


def small_memory(context: Context) -> bool:
    """False also while the memory is not known."""
    return context.total_memory is not None and context.total_memory <= SMALL_MEMORY


def large_batch(context: Context) -> Iterator[Finding]:
    """The fix keeps the rows of an update, of the run and between validations: whatever counts batches grows along."""
    values = context.values
    batch, rows = values["batch_size"], context.rows.train
    if not small_memory(context) or batch == 1 or _tokens(context) <= LONG or context.workers > 1:
        return
    if rows and context.derived.effective_batch > rows:
        return  # said otherwise, and to be mended first: accumulation as large as the batch would be too much
    counts = [(key, values[key] * batch) for key in COUNTED_IN_BATCHES if values[key] > 0]
    accumulation = values["grad_accumulation_steps"] * batch
    yield Finding(
        "warning",
        "small-memory-batch",
        ("batch_size", "grad_accumulation_steps", "max_seq_length"),
        f"batch_size {batch} with rows of up to {values['max_seq_length']} tokens may not fit into {_size(context)}:"
        f" set batch_size to 1, grad_accumulation_steps to {accumulation}, and iters with what else counts batches to"
        f" {batch} times as many, for as many updates of as many rows.",
        "1 is the batch size for 16GB RAM; accumulation makes up for it, and costs one copy of the gradients.",
        Fix(f"batch_size 1, accumulation {accumulation}", (("batch_size", 1), *counts)),
    )


def long_rows(context: Context) -> Iterator[Finding]:
    length = context.values["max_seq_length"]
    if small_memory(context) and length > LONG:
        yield Finding(
            "note",
            "small-memory-length",
            ("max_seq_length",),
            f"On {_size(context)} rows of up to {length} tokens may not fit: set max_seq_length to {LONG}, which cuts"
            " longer rows there.",
            "512 to 1024 is recommended for 16GB RAM; the longest batch sets the peak.",
            Fix(f"max_seq_length {LONG}", (("max_seq_length", LONG),)),
        )


def no_checkpointing(context: Context) -> Iterator[Finding]:
    if small_memory(context) and not context.values["grad_checkpoint"] and _tokens(context) > SHORT:
        yield Finding(
            "note",
            "small-memory-checkpoint",
            ("grad_checkpoint",),
            f"On {_size(context)} grad_checkpoint: true saves most of the activations and makes a step somewhat slower:"
            " turn it on.",
            "It is recommended for 16GB RAM.",
            Fix("grad_checkpoint true", (("grad_checkpoint", True),)),
        )


def many_layers(context: Context) -> Iterator[Finding]:
    wanted, depth = context.values["num_layers"], context.depth
    most = depth or float("inf")
    trained = min(wanted, most) if wanted > 0 else most
    if small_memory(context) and trained > MANY_LAYERS and _tokens(context) > SHORT:
        yield Finding(
            "note",
            "small-memory-layers",
            ("num_layers",),
            f"On {_size(context)} num_layers {wanted} keeps the activations of many layers: set it to {FEW_LAYERS}.",
            "12 is recommended for 16GB RAM: fewer layers, less memory.",
            Fix(f"num_layers {FEW_LAYERS}", (("num_layers", FEW_LAYERS),)),
        )


def no_accumulation(context: Context) -> Iterator[Finding]:
    """Silent where eight rows an update would be too many for the run or the data."""
    values, rows = context.values, context.rows.train
    enough = values["iters"] // ACCUMULATION >= FEWEST_UPDATES and (not rows or rows >= ACCUMULATION)
    single = values["batch_size"] == 1 and values["grad_accumulation_steps"] == 1
    if small_memory(context) and single and enough:
        yield Finding(
            "note",
            "small-memory-accumulation",
            ("grad_accumulation_steps", "batch_size"),
            f"Every update follows a single row, which makes training unsteady: set grad_accumulation_steps to"
            f" {ACCUMULATION}, which costs one copy of the gradients.",
            "8 to 16 is recommended for 16GB RAM, to compensate for batch_size 1.",
            Fix(f"accumulation {ACCUMULATION}", (("grad_accumulation_steps", ACCUMULATION),)),
        )


def _tokens(context: Context) -> int:
    return context.values["batch_size"] * context.values["max_seq_length"]


def _size(context: Context) -> str:
    return f"{(context.total_memory or 0) / 2**30:.0f} GB"
