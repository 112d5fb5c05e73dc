"""What ends a run that could be foreseen, as a sentence instead of a traceback."""

import errno


class Failure(Exception):
    """The run cannot go on. Its text is one sentence for a person: what, where, and how to mend it."""


def reason(error: Exception) -> str:
    """Why a run failed, on one line. What nobody foresaw keeps its type, for whoever reads the log."""
    if isinstance(error, Failure):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"{error.filename or 'The disk'}: no space is left on the disk."
    if isinstance(error, PermissionError):
        return f"{error.filename}: this may not be read or written by this user."
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
