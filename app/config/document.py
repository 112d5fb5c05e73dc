"""A configuration file as it stands on disk: its text, its values, and the line each key stands on."""

import hashlib
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from app.config import yaml_values

KeyPath = tuple[str, ...]
"""Names from the root down: ("lora_parameters", "rank")."""

LARGEST_FILE = 1_000_000
"""Bytes. A configuration has some thousands; PyYAML needs seconds for a million."""


class ConfigError(Exception):
    """A file that cannot be used as a configuration. Its text says what, where and how to mend it."""

    def __init__(self, message: str, path: Path | None = None, line: int | None = None, key: str | None = None):
        self.message, self.path, self.line, self.key = message, path, line, key
        place = ":".join(str(part) for part in (path, line) if part is not None)
        super().__init__(": ".join(part for part in (place, key, message) if part))


@dataclass(frozen=True)
class Duplicate:
    """A key that stands twice in one mapping; `line` is where it stands again, and wins."""

    path: KeyPath
    line: int


@dataclass(frozen=True)
class Document:
    """A file's text, line ends and byte order mark included, and what PyYAML reads in it by mlx-lm's rule.

    `path` is None for a configuration that has no file yet. `fingerprint` is of the bytes on disk.
    """

    path: Path | None
    text: str
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    duplicates: tuple[Duplicate, ...] = ()
    fingerprint: str | None = None


def read(path: Path) -> Document:
    """The document in a file. Raises ConfigError."""
    content = _content(path)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("This is not UTF-8 text; save the file as UTF-8.", path, line) from error
    document = parse(text, path)
    return Document(path, text, document.data, document.lines, document.duplicates, _fingerprint(content))


def parse(text: str, path: Path | None) -> Document:
    """The document in a text; without a path a blank text is a new configuration. Raises ConfigError."""
    if path is None and not text.strip():
        return Document(None, text, {})
    loader = None
    try:
        loader = yaml_values.Loader(text)
        node = yaml_values.compose(loader)
        root = _mapping(node, path)
        lines, duplicates = _places(root)
        data = loader.construct_document(root)
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, path) from error
    except RecursionError as error:
        raise ConfigError("The values are nested too deeply to be a training configuration.", path) from error
    finally:
        if loader is not None:
            loader.dispose()
    return Document(path, text, data, lines, duplicates)


def fingerprint(path: Path) -> str | None:
    """What tells two contents of a file apart; None when it cannot be read."""
    try:
        return _fingerprint(path.read_bytes())
    except OSError:
        return None


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ConfigError("This is a folder; name the YAML file inside it.", path)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError("This is not a regular file; name a YAML file.", path)
        if status.st_size > LARGEST_FILE:
            raise ConfigError("This file is over 1 MB, too large for a configuration; is it data?", path)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError("There is no such file.", path) from error
    except PermissionError as error:
        raise ConfigError("You have no permission to read this file.", path) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"The file cannot be read: {reason}.", path) from error


def _mapping(node: yaml.Node | None, path: Path | None) -> yaml.MappingNode:
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value.strip()):
        raise ConfigError("The file is empty; write settings as lines of `key: value`.", path)
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        raise ConfigError("The file holds a list; write lines of `key: value`, without leading dashes.", path, line)
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("The file holds no settings; write them as lines of `key: value`.", path, line)
    for key, _ in node.value:
        if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
            name = key.value if isinstance(key, yaml.ScalarNode) else "a structure"
            raise ConfigError(
                f"The key {name} is not text for YAML; put it in quotes or remove it.",
                path,
                key.start_mark.line + 1,
            )
    return node


def _places(root: yaml.MappingNode) -> tuple[dict[KeyPath, int], tuple[Duplicate, ...]]:
    """Lines, from 1, of the keys of the root and of the mappings right below it; the last of duplicates."""
    lines: dict[KeyPath, int] = {}
    duplicates: list[Duplicate] = []

    def note(mapping: yaml.MappingNode, parent: KeyPath) -> None:
        names: set[str] = set()
        for key, value in mapping.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            path, line = (*parent, key.value), key.start_mark.line + 1
            if key.value in names and key.value != "<<":
                duplicates.append(Duplicate(path, line))
            names.add(key.value)
            lines[path] = line
            if isinstance(value, yaml.MappingNode) and not parent:
                note(value, path)

    note(root, ())
    return lines, tuple(duplicates)


def _syntax_error(error: yaml.YAMLError, text: str, path: Path | None) -> ConfigError:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return ConfigError(f"The character U+{ord(text[error.position]):04X} is not allowed in YAML.", path, line)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    problem = ", ".join(part for part in parts if part) or "it cannot be read"
    hint = " (indent with spaces, not tabs)" if r"'\t'" in problem else ""
    where = f" (column {mark.column + 1})" if mark else ""
    return ConfigError(f"This is not valid YAML: {problem}{hint}{where}.", path, mark.line + 1 if mark else None)
