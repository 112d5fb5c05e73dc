"""Changes in the text of a YAML file that leave every other byte where it is.

Each edit reads its own result again and compares it with what was meant, so a text with anchors, merge keys
or tags is either changed rightly or refused.
"""

import re
from typing import Any

import yaml

from app.config import spans, yaml_values
from app.config.document import KeyPath
from app.config.spans import Entry
from app.config.yaml_write import STEP, block_lines, entry_lines, flow_text, scalar_text

Data = dict[str, Any]


class CannotEdit(Exception):
    """A value is written so that it cannot be changed in place: one sentence, with the key."""


def put(text: str, path: KeyPath, value: Any, after: KeyPath | None = None) -> str:
    """The text with `value` at `path`, as a new entry behind the one at `after` where there was none.

    The mapping that holds the entry must be there. Raises CannotEdit.
    """
    data = yaml_values.load(text)
    if same(_get(data, path, missing := object()), value):
        return text
    root = spans.root(text)
    entry = spans.find(root, path)
    if entry is None:
        changed = _inserted(text, root, path, value, after)
    elif isinstance(value, dict) and value and _is_block_mapping(entry.value):
        return _merged(text, path, _get(data, path, missing), value)
    else:
        changed = _replaced(text, entry, value, _step(root))
    return _verified(changed, _with(data, path, value), path)


def remove(text: str, path: KeyPath) -> str:
    """The text without the entry at `path`, its line's comment included. Raises CannotEdit."""
    data = yaml_values.load(text)
    changed = text
    while entry := spans.find(spans.root(changed), path):
        changed = _removed(changed, entry, path)
        if not changed.strip():
            break
    return _verified(changed, _without(data, path), path)


def rename(text: str, path: KeyPath, name: str) -> str:
    """The text with the entry at `path` called `name` in its place. Raises CannotEdit."""
    data = yaml_values.load(text)
    target = (*path[:-1], name)
    entry = spans.find(spans.root(text), path)
    if entry is None or spans.find(spans.root(text), target):
        raise _refusal(path)
    written = scalar_text(name, entry.mapping.flow_style, _quote(entry.key))
    changed = _spliced(text, entry.start, entry.key.end_mark.index, written)
    return _verified(changed, _with(_without(data, path), target, _get(data, path, None)), path)


def same(one: Any, other: Any) -> bool:
    """Equal, also in kind: to YAML 1, 1.0 and true are three values."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or repr(one) == repr(other) == "nan")


def _merged(text: str, path: KeyPath, old: Any, new: Data) -> str:
    for name, item in new.items():
        text = put(text, (*path, name), item)
    for name in old.keys() - new.keys():
        text = remove(text, (*path, name))
    return text


def _replaced(text: str, entry: Entry, value: Any, step: int) -> str:
    old, flow = entry.value, entry.mapping.flow_style
    colon = _after_colon(text, entry)
    if old.start_mark.index < colon:
        raise _refusal((entry.key.value,))
    if not flow and _wants_block(value, old):
        return _replaced_by_block(text, entry, value, colon, step)
    written = flow_text(value) if isinstance(value, dict | list) else scalar_text(value, flow, _quote(old))
    start, end = old.start_mark.index, _written_end(text, old)
    if _is_block(old) or start == end:
        return _spliced(text, colon, end, " " + written)
    return _spliced(text, start, end, written)


def _replaced_by_block(text: str, entry: Entry, value: Any, colon: int, step: int) -> str:
    old = entry.value
    lines = block_lines(value, step)
    start, end = old.start_mark.index, _written_end(text, old)
    column = entry.key.start_mark.column + step
    line = spans.line_start(text, start)
    if _is_block(old) and not text[line:start].strip():
        if old.start_mark.column > entry.key.start_mark.column or isinstance(value, list):
            column = old.start_mark.column  # a list may stand right under its key, a mapping may not
        return _spliced(text, line, end, " " * column + _joined(text, lines, column))
    without = _spliced(text, colon, max(colon, end), "")
    return _with_lines(without, spans.line_end(without, colon), lines, column)


def _inserted(text: str, root: yaml.MappingNode, path: KeyPath, value: Any, after: KeyPath | None) -> str:
    parent = spans.find(root, path[:-1]) if len(path) > 1 else None
    mapping = root if len(path) == 1 else parent and parent.value
    if not isinstance(mapping, yaml.MappingNode):
        raise _refusal(path)
    siblings = spans.entries(mapping)
    if mapping.flow_style:
        written = f"{scalar_text(path[-1], flow=True)}: {flow_text(value)}"
        if not mapping.value:
            brace = text.index("{", mapping.start_mark.index) + 1
            return _spliced(text, brace, brace, written)
        end = max(sibling.end for sibling in siblings)
        return _spliced(text, end, end, ", " + written)
    neighbour = (spans.find(root, after) if after else None) or siblings[-1]
    column = siblings[0].key.start_mark.column
    return _with_lines(text, spans.line_end(text, neighbour.end), entry_lines(path[-1], value, _step(root)), column)


def _removed(text: str, entry: Entry, path: KeyPath) -> str:
    if entry.mapping.flow_style:
        siblings = spans.entries(entry.mapping)
        position = next(i for i, sibling in enumerate(siblings) if sibling.key is entry.key)
        if position:
            return _spliced(text, siblings[position - 1].end, entry.end, "")
        return _spliced(text, entry.start, siblings[1].start if len(siblings) > 1 else entry.end, "")
    start = spans.line_start(text, entry.start)
    if text[start : entry.start].strip():
        raise _refusal(path)
    return _spliced(text, start, spans.line_end(text, entry.end), "")


def _with_lines(text: str, index: int, lines: list[str], column: int) -> str:
    """`index` is where a line begins, or the end of a text whose last line has no break."""
    written, newline = " " * column + _joined(text, lines, column), spans.newline(text)
    at_line_start = index == spans.line_start(text, index)
    return _spliced(text, index, index, written + newline if at_line_start else newline + written)


def _joined(text: str, lines: list[str], column: int) -> str:
    return (spans.newline(text) + " " * column).join(lines)


def _spliced(text: str, start: int, end: int, written: str) -> str:
    return text[:start] + written + text[end:]


def _after_colon(text: str, entry: Entry) -> int:
    match = re.compile(r"\s*:").match(text, entry.key.end_mark.index)
    if match is None:
        raise _refusal((entry.key.value,))
    return match.end()


def _written_end(text: str, node: yaml.Node) -> int:
    """PyYAML lets a block scalar reach over the line breaks behind it."""
    start, end = node.start_mark.index, spans.node_end(node)
    return start + len(text[start:end].rstrip()) if _style(node) in ("|", ">") else end


def _wants_block(value: Any, old: yaml.Node) -> bool:
    if not isinstance(value, dict | list) or not value or getattr(old, "flow_style", False):
        return False
    return isinstance(value, dict) or _is_block(old) or entry_lines("key", value)[1:] != []


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _is_block_mapping(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and not node.flow_style


def _style(node: yaml.Node) -> str | None:
    return node.style if isinstance(node, yaml.ScalarNode) else None


def _quote(node: yaml.Node) -> str:
    style = _style(node)
    return style if style in ("'", '"') else ""


def _step(root: yaml.MappingNode) -> int:
    """How far this file indents a nested block."""
    for entry in spans.entries(root):
        inner = spans.entries(entry.value) if _is_block_mapping(entry.value) else []
        if inner:
            return max(1, inner[0].key.start_mark.column - entry.key.start_mark.column)
    return STEP


def _verified(text: str, intended: Data, path: KeyPath) -> str:
    try:
        if same(yaml_values.load(text), intended):
            return text
    except (yaml.YAMLError, RecursionError):
        pass
    raise _refusal(path)


def _refusal(path: KeyPath) -> CannotEdit:
    return CannotEdit(
        f"{'.'.join(path)} is written in a way (anchor, alias, tag or unusual layout) that cannot be changed"
        " in place; edit it by hand, or save a rewritten file."
    )


def _get(data: Any, path: KeyPath, default: Any) -> Any:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return default
        data = data[name]
    return data


def _with(data: Data, path: KeyPath, value: Any) -> Data:
    name, *rest = path
    return {**data, name: _with(data.get(name) or {}, tuple(rest), value) if rest else value}


def _without(data: Data, path: KeyPath) -> Data:
    name, *rest = path
    if rest:
        return {**data, name: _without(data.get(name) or {}, tuple(rest))}
    return {key: item for key, item in data.items() if key != name}
