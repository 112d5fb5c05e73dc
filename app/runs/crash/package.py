"""A Python package that is missing, or that cannot be loaded."""

import re

from app.runs.crash.cause import Cause, Proposal, in_short
from app.runs.crash.evidence import Evidence

CODE = "missing_package"
_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_REQUIRED = re.compile(
    r"requires the (?:following packages that were not found in your environment: )?([\w.-]+)"
    r"(?: library but it was not found|\. Run `pip install)",
    re.IGNORECASE,
)
"""How transformers says it (utils/import_utils.py, dynamic_module_utils.py)."""
_SERVICE = re.compile(r"^report_to: (\w+) is not installed")
"""mlx-lm's own words (tuner/callbacks.py)."""
_SHARED = re.compile(r"ImportError: .*?([\w.+-]+\.(?:so|dylib)[\w.]*)")
_DISTRIBUTIONS = {"PIL": "pillow", "google": "protobuf", "yaml": "pyyaml", "sklearn": "scikit-learn"}
"""Packages that are installed by another name than they are imported by."""
_OURS = ("app", "mlx", "mlx_lm", "transformers", "tokenizers", "numpy", "psutil")


def recognise(evidence: Evidence) -> Cause | None:
    words = evidence.reason or "\n".join(evidence.trace)
    found = _MODULE.search(words) or _REQUIRED.search(words) or _SERVICE.search(words)
    if found:
        package = found.group(1).partition(".")[0]
        name = _DISTRIBUTIONS.get(package, package.lower())
        title, why = f"The Python package {name} is missing", f"What was to train needs it: {_last_line(words)}"
        proposal = Proposal(f"Install it beside Tunedeck: python -m pip install {name}")
        if package in _OURS:
            proposal = Proposal("Install Tunedeck again: this is a part of it.")
    elif shared := _SHARED.search(words):
        title, why = f"The library {shared.group(1)} cannot be loaded", _last_line(words)
        proposal = Proposal("Install Tunedeck again, with the one MLX backend of this computer.")
    else:
        return None
    return Cause(CODE, title, why, (proposal,))


def _last_line(words: str) -> str:
    return in_short(words.strip().rpartition("\n")[2])
