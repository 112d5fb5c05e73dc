"""Where each entry of a YAML text stands, in characters from its beginning.

PyYAML's composer answers an alias with the node it points at, whose place is elsewhere. Here an alias is a
leaf at its own place, so that spans never overlap.
"""

import re
from dataclasses import dataclass

import yaml
from yaml.composer import Composer
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import Resolver
from yaml.scanner import Scanner

from app.config.document import KeyPath

LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


class _PlaceLoader(Reader, Scanner, Parser, Composer, Resolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        Resolver.__init__(self)

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()
            return ScalarNode("alias", event.anchor, event.start_mark, event.end_mark, style="*")
        return super().compose_node(parent, index)


@dataclass(frozen=True)
class Entry:
    """One `key: value` of a mapping. `end` is where the value's own text ends, before any comment."""

    mapping: MappingNode
    key: ScalarNode
    value: Node

    @property
    def start(self) -> int:
        return self.key.start_mark.index

    @property
    def end(self) -> int:
        return max(self.key.end_mark.index, node_end(self.value))


def root(text: str) -> MappingNode:
    """The text's outermost mapping. Raises yaml.YAMLError; the text is known to hold a mapping."""
    node = _PlaceLoader(text).get_single_node()
    assert isinstance(node, MappingNode)
    return node


def find(mapping: MappingNode, path: KeyPath) -> Entry | None:
    """The entry at `path`, the last one where a key stands twice."""
    entry = next((entry for entry in reversed(entries(mapping)) if entry.key.value == path[0]), None)
    if entry is None or len(path) == 1:
        return entry
    return find(entry.value, path[1:]) if isinstance(entry.value, MappingNode) else None


def entries(mapping: Node) -> list[Entry]:
    """A mapping's entries in the order of the text; keys that are not scalars are left out."""
    assert isinstance(mapping, MappingNode)
    return [Entry(mapping, key, value) for key, value in mapping.value if isinstance(key, ScalarNode)]


def node_end(node: Node) -> int:
    """Where a node's own text ends. PyYAML lets block collections reach to the next token."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return node_end(last) if isinstance(node, SequenceNode) else max(node_end(part) for part in last)


def line_start(text: str, index: int) -> int:
    start = 0
    for match in LINE_BREAK.finditer(text, 0, index):
        start = match.end()
    return start + text.startswith("\ufeff") if start == 0 else start


def line_end(text: str, index: int) -> int:
    """Past the line break of the line that the character before `index` stands on."""
    if index and LINE_BREAK.match(text, index - 1):
        return index
    match = LINE_BREAK.search(text, index)
    return match.end() if match else len(text)


def newline(text: str) -> str:
    match = LINE_BREAK.search(text)
    return match.group() if match else "\n"
