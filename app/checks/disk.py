"""Whether the disk has room for what a run writes."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix

STAGED = 1
"""Whole adapters that stand beside the others while they are being written."""


def checkpoints_fill_disk(context: Context) -> Iterator[Finding]:
    """Numbered checkpoints and the final adapter; those that stand there already are replaced."""
    values, around, sizes = context.values, context.surroundings, context.sizes
    if around is None or around.free_bytes is None or sizes is None or not sizes.adapter_bytes:
        return
    each, free = sizes.adapter_bytes, around.free_bytes + around.adapter.bytes
    needed = (context.derived.checkpoints + STAGED) * each
    if needed <= free:
        return
    fitting = free // each - 1 - STAGED  # numbered ones, beside the final adapter
    rarer = values["iters"] // (fitting + 1) + 1 if fitting > 0 else 0
    fits = 0 < rarer < values["iters"]
    advice = f"set save_every to {rarer}" if fits else "make room, or choose an adapter_path on another disk"
    yield Finding(
        "error",
        "checkpoints-fill-disk",
        ("save_every", "adapter_path", "iters"),
        f"{context.derived.checkpoints} adapters of {_size(each)} need {_size(needed)} and the disk has {_size(free)}"
        f" for them: {advice}.",
        "Every save_every iterations the whole adapter is written once more, and none is ever removed.",
        Fix(f"save every {rarer}", (("save_every", rarer),)) if fits else None,
    )


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
