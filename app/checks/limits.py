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
        fitting = min(counts.values())
        yield Finding(
            "error",
            "rows-below-batch",
            ("batch_size", "data"),
            f"{' and '.join(short)}, fewer than batch_size {batch}: set batch_size to {fitting} or less, or add rows.",
            "mlx-lm fails on such a set at its first batch, after the model has loaded.",
            Fix(f"batch_size {fitting}", (("batch_size", fitting),)),
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
