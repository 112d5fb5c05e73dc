"""A run's curve as a table for a spreadsheet or a notebook."""

import io
from pathlib import Path

from app.runs.curve import Curve
from app.runs.curve_reading import CurveReader
from app.runs.folder import RunError
from app.wire.files import write_whole
from app.wire.run_folder import RunFolder

HEAD = "iteration,tokens,seconds,train_loss,smoothed_loss,validation_loss"
"""Tokens and seconds of training are counted up to and with the iteration; a validation is of the weights after it."""


class FileStands(RunError):
    """There is such a file, and nobody allowed to replace it."""


def csv_text(run: RunFolder) -> str:
    """The curve, one line an iteration, as it was trained last. What is not finite is nan, inf or -inf."""
    reader = CurveReader(run)
    reader.read()
    return _table(reader.curve)


def export_csv(run: RunFolder, path: Path, overwrite: bool = False) -> int:
    """Writes the curve to a file and returns how many lines follow its head. Raises FileStands, RunError."""
    text = csv_text(run)
    try:
        if not overwrite and (path.exists() or path.is_symlink()):
            raise FileStands(f"{path} exists.")
        write_whole(path, text.encode())
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        raise RunError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error
    return text.count("\n") - 1


def _table(curve: Curve) -> str:
    table = io.StringIO()
    table.write(HEAD + "\n")
    validations = dict(zip(curve.validations.x, curve.validations.y, strict=True))
    for iteration in sorted(validations):
        if not curve.iterations or iteration < curve.iterations[0]:
            table.write(f"{iteration:.0f},0,0,,,{validations.pop(iteration)}\n")
    columns = (curve.iterations, curve.tokens, curve.seconds, curve.losses, curve.smoothed)
    for iteration, tokens, seconds, loss, smoothed in zip(*columns, strict=True):
        validation = validations.get(iteration, "")
        table.write(f"{iteration:.0f},{tokens:.0f},{seconds:.6f},{loss},{smoothed},{validation}\n")
    return table.getvalue()
