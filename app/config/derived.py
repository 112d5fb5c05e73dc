"""Numbers that follow from a configuration and the size of its dataset."""

from dataclasses import dataclass

from app.config.config import ALPHA, SCALE, Config


@dataclass(frozen=True)
class Derived:
    """Counts are of iterations (micro-batches) unless said otherwise; None where rows are not known."""

    epochs: float | None
    """Passes over the rows: one is rows // batch_size iterations, as mlx-lm drops the rows left over."""
    iterations_per_epoch: int | None
    rows_never_trained: int | None
    """rows mod batch_size."""
    effective_batch: int
    """Rows per update: batch_size × grad_accumulation_steps."""
    updates: int
    """iters // grad_accumulation_steps."""
    thrown_away: int
    """Iterations after the last update: their gradients never reach the weights."""
    evaluations: int
    """Validations in the run; 0 without validation rows."""
    validation_batches: int | None
    """Batches of one validation."""
    checkpoints: int
    """Numbered checkpoints and the final adapter."""
    rank: int
    alpha: float
    scale: float


def derive(config: Config, rows: int | None = None, valid_rows: int | None = None) -> Derived:
    """The derived numbers for `rows` training and `valid_rows` validation rows, None where not counted."""
    values = config.values
    iters, batch, group = values["iters"], values["batch_size"], values["grad_accumulation_steps"]
    per_epoch = None if rows is None else rows // batch
    return Derived(
        epochs=iters / per_epoch if per_epoch else None,
        iterations_per_epoch=per_epoch,
        rows_never_trained=None if rows is None else rows % batch,
        effective_batch=batch * group,
        updates=iters // group,
        thrown_away=iters % group,
        evaluations=0 if valid_rows == 0 else _evaluations(iters, values["steps_per_eval"]),
        validation_batches=_validation_batches(values["val_batches"], batch, valid_rows),
        checkpoints=iters // values["save_every"] + 1,
        rank=values["lora_parameters.rank"],
        alpha=values[ALPHA],
        scale=values[SCALE],
    )


def iters_for_epochs(epochs: float, rows: int, batch_size: int) -> int:
    """Iterations for that many passes over the rows, to the nearest; 0 when the rows fill no batch."""
    return int(epochs * (rows // batch_size) + 0.5)


def _evaluations(iters: int, every: int) -> int:
    """mlx_lm/tuner/trainer.py, `train`: before iteration 1, every `every`-th and the last one, each once."""
    first_is_extra = every > 1
    last_is_extra = iters % every != 0 and iters > 1
    return iters // every + first_is_extra + last_is_extra


def _validation_batches(wanted: int, batch: int, valid_rows: int | None) -> int | None:
    if valid_rows is None:
        return None
    available = valid_rows // batch
    return available if wanted == -1 else min(available, wanted)
