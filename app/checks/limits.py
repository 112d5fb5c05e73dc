"""What mlx-lm refuses once the model has loaded, by the numbers alone."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix


def rows_below_batch(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/trainer.py, `iterate_batches`; a missing validation set is left out in silence there."""
    values, rows = context.values, context.rows
    batch = values["batch_size"]
    splits = {"train": rows.train, "valid": rows.valid} if values["train"] else {}
    if values["test"]:
        splits["test"] = rows.test
    counts = {split: count for split, count in splits.items() if count}
    short = [f"{split}.jsonl has {count} rows" for split, count in counts.items() if count < batch]
    if short:
        fitting = min(counts.values()) // context.workers * context.workers
        smaller = f"set batch_size to {fitting} or less, or " if fitting else ""
        yield Finding(
            "error",
            "rows-below-batch",
            ("batch_size", "data"),
            f"{' and '.join(short)}, fewer than batch_size {batch}: {smaller}add rows.",
            "mlx-lm fails on such a set at its first batch, after the model has loaded.",
            Fix(f"batch_size {fitting}", (("batch_size", fitting),)) if fitting else None,
        )


def layers_above_depth(context: Context) -> Iterator[Finding]:
    wanted, depth = context.values["num_layers"], context.depth
    if depth and wanted > depth:
        yield Finding(
            "error",
            "layers-above-depth",
            ("num_layers", "model"),
            f"num_layers {wanted} is more than the model's {depth}: use {depth} or -1 for all.",
            "mlx-lm fails on it after the model has loaded; its default of 16 is more than a small model may have.",
            Fix(f"num_layers {depth}", (("num_layers", depth),)),
        )


def batch_not_divisible(context: Context) -> Iterator[Finding]:
    """mlx_lm/tuner/trainer.py, `iterate_batches`: each of the processes takes an equal share of every batch."""
    batch, workers = context.values["batch_size"], context.workers
    if batch % workers:
        fitting = max(workers, batch // workers * workers)
        yield Finding(
            "error",
            "batch-not-divisible",
            ("batch_size",),
            f"batch_size {batch} cannot be shared by {workers} workers: set it to {fitting}.",
            "batch_size is that of all workers together, and mlx-lm fails unless it divides by their number.",
            Fix(f"batch_size {fitting}", (("batch_size", fitting),)),
        )


def nothing_to_do(context: Context) -> Iterator[Finding]:
    if not context.values["train"] and not context.values["test"]:
        yield Finding(
            "error",
            "nothing-to-do",
            ("train", "test"),
            "Neither train nor test is true, so there is nothing to do: set one of them.",
            "mlx-lm's default for both is false, and it fails when the model has loaded.",
            Fix("train true", (("train", True),)),
        )
