"""Split a train.jsonl: into a folder that was not there, whole or not at all, nothing of the person's touched."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.data.split import Divided
from app.wire.errand import ErrandFailed, run_errand
from app.wire.files import sync_folder

OnBytes = Callable[[int, int], None]
"""Given the bytes done so far and all of them: the file is read twice."""


@dataclass(frozen=True)
class Split:
    """What was written into `folder`. The numbers are of rows."""

    folder: Path
    train: int
    valid: int
    test: int
    duplicates: int
    """Rows beyond the first of their kind: each stands in the same file as the first."""
    blank: int
    """Blank lines, which were left out: mlx-lm reads no file that has one."""
    copied_test: bool
    """Whether the test.jsonl beside the source was copied."""


def split_rows(
    source: Path,
    target: Path,
    valid: float,
    test: float = 0.0,
    seed: int = 0,
    on_progress: OnBytes = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Split | str | None:
    """Draw shares (0 to 1) of a file's rows, or of a folder's train.jsonl, into the new folder `target`.

    A sentence when that cannot be; None when cancelled. `target` is then not there, as before. See
    `app.data.split.divide` for what is drawn.
    """
    source, target = source.absolute(), target.absolute()
    source = source / "train.jsonl" if source.is_dir() else source
    try:
        if problem := _refusal(source, target, valid, test):
            return problem
        staged = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except (OSError, ValueError) as error:
        return f"{target}: This folder cannot be made: {getattr(error, 'strerror', None) or error}."
    try:
        return _split(
            source, target, staged, {"valid": valid} | ({"test": test} if test else {}), seed, on_progress, cancelled
        )
    except OSError as error:
        return f"{target}: This cannot be written: {error.strerror}."
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _split(
    source: Path,
    target: Path,
    staged: Path,
    shares: dict[str, float],
    seed: int,
    on_progress: OnBytes,
    cancelled: Callable[[], bool],
) -> Split | str | None:
    command = [sys.executable, "-P", "-m", "app.data", "split"]
    request = {"source": str(source), "folder": str(staged), "shares": shares, "seed": seed}
    try:
        answer = run_errand(command, request, staged, lambda told: on_progress(told["done"], told["total"]), cancelled)
    except ErrandFailed as error:
        return f"{source}: The process that splits the rows {error}"
    if answer is None:
        return None
    if "problem" in answer:
        return str(answer["problem"])
    divided: Divided = answer
    if copies := "test" not in shares and _stands_beside(source, "test"):
        shutil.copyfile(source.with_name("test.jsonl"), staged / "test.jsonl")
    staged.chmod(0o755)
    sync_folder(staged)
    if target.exists():  # made meanwhile; a rename would take the place of an empty folder
        return _exists(target)
    staged.rename(target)
    sync_folder(target.parent)
    return Split(target, copied_test=copies, **divided)


def _refusal(source: Path, target: Path, valid: float, test: float) -> str:
    """Why nothing is begun, one sentence; empty when it is."""
    if not source.is_file():
        return f"{source}: There is no such file to split."
    if target.exists():
        return _exists(target)
    if not target.parent.is_dir():
        return f"{target}: There is no folder {target.parent} to make it in."
    if not 0 < valid < 1 or not 0 <= test < 1 or valid + test >= 1:
        return "The shares must be more than 0 % each, and leave rows to train on."
    if _stands_beside(source, "valid"):
        return f"{source.parent} has a valid.jsonl already: train with it, or move it away to draw another."
    if test and _stands_beside(source, "test"):
        return f"{source.parent} has a test.jsonl already: leave the second share out, or move it away."
    return ""


def _exists(target: Path) -> str:
    return f"{target} exists already, and nothing is overwritten: name a folder that does not."


def _stands_beside(source: Path, name: str) -> bool:
    return source.name == "train.jsonl" and source.with_name(f"{name}.jsonl").exists()
