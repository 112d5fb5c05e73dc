"""A preset as a file: a `preset` head with its name, then what it sets, each with its reason.

    preset:
      name: 16GB
      summary: One short row at a time.
    learning_rate: 1e-5                # any name that Tunedeck reads in a configuration: key, flat name, older name
    num_layers: {value: 12, why: Fewer layers = less memory}
    max_seq_length: {range: [512, 1024], take: largest-that-fits, why: 512 saves memory}

`take` is a number of the range, low, high, or largest-that-fits. A plain training configuration, without a head, is
a preset too: what belongs to that one job (`OF_ONE_JOB`) is left out of it. In a file with a head every entry counts.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.config.claims import Claim, claims
from app.config.dialect import Resolution, resolve
from app.config.document import ConfigError, Document, KeyPath, read
from app.config.preset_setting import Setting, setting
from app.config.registry import BY_KEY, in_group

HEAD = "preset"

OF_ONE_JOB = frozenset(
    {*(one.key for one in in_group("core")), "test", "iters", "adapter_path", "resume_adapter_file", "project_name"}
)
"""Keys that say what is done, to what, how long and where to, and not how."""


@dataclass(frozen=True)
class Preset:
    """`id` is the file's name without its ending. `settings` stand in the order of the file."""

    id: str
    name: str
    summary: str
    settings: tuple[Setting, ...]
    path: Path
    shipped: bool = False


def read_preset(path: Path, shipped: bool = False) -> Preset:
    """The preset in a file. Raises ConfigError."""
    document = read(path)
    if HEAD in document.data:
        name, summary = _head(document)
        settings = _headed(document)
    else:
        name, summary = path.stem, f"From the training configuration {path.name}."
        settings = _plain(document)
    if not settings:
        raise ConfigError("This sets nothing that a preset may set; add lines such as learning_rate: 1e-5.", path)
    return Preset(path.stem, name or path.stem, summary, settings, path, shipped)


def _head(document: Document) -> tuple[str, str]:
    head = document.data[HEAD]
    if not isinstance(head, dict):
        raise _error(document, (HEAD,), "This wants name and summary, each on an indented line below it.")
    for name, value in head.items():
        if name not in ("name", "summary"):
            raise _error(document, (HEAD, str(name)), "A preset's head has a name and a summary; remove this.")
        if not isinstance(value, str):
            raise _error(document, (HEAD, name), "This wants text; put it in quotes.")
    return head.get("name", ""), head.get("summary", "")


def _headed(document: Document) -> tuple[Setting, ...]:
    """Checked as the plain configuration that its values make."""
    plain = replace(document, data={name: item for name, item in document.data.items() if name != HEAD})
    written = [(claim, _setting(document, claim)) for claim in claims(plain)[0]]
    for claim, one in written:
        plain = replace(plain, data=_with(plain.data, claim.path, one.value))
    resolution = resolve(plain)
    _refuse(resolution, ("unknown", "duplicate", "ignored"))  # each would be a setting that never comes
    return _each_once(resolution, [one for _, one in written])


def _plain(document: Document) -> tuple[Setting, ...]:
    resolution = resolve(document)
    _refuse(resolution, ())
    spoken = [claim for claim in claims(document)[0] if claim.value is not None and claim.key not in OF_ONE_JOB]
    return _each_once(resolution, [Setting(claim.key, claim.value, line=claim.line) for claim in spoken])


def _setting(document: Document, claim: Claim) -> Setting:
    try:
        return setting(claim)
    except ValueError as error:
        raise _error(document, claim.path, str(error)) from None


def _each_once(resolution: Resolution, settings: list[Setting]) -> tuple[Setting, ...]:
    """With the values as they resolve, since an entry may have gone by an older name. Disagreements are out by now."""
    values, once = resolution.config.values, {one.key: one for one in reversed(settings)}
    heard = [one for one in settings if once[one.key] is one and BY_KEY[one.key].read_from_yaml]
    return tuple(replace(one, value=values[one.key]) for one in heard)


def _refuse(resolution: Resolution, codes: tuple[str, ...]) -> None:
    """Raises for what is wrong in any file, and for notices of these codes."""
    path = resolution.document.path
    for problem in resolution.problems:
        raise ConfigError(problem.message, path, problem.line, problem.key)
    for notice in resolution.notices:
        if notice.level == "error" or notice.code in codes:
            raise ConfigError(notice.message, path, notice.line, notice.key)


def _with(data: dict[str, Any], path: KeyPath, value: Any) -> dict[str, Any]:
    name, *rest = path
    return {**data, name: _with(data[name], tuple(rest), value) if rest else value}


def _error(document: Document, path: KeyPath, message: str) -> ConfigError:
    return ConfigError(message, document.path, document.lines.get(path), ".".join(path))
