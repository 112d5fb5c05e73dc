"""YAML as mlx-lm reads it: PyYAML's safe loader, plus the rule that `1e-5` is a number.

The rule lives on a loader of our own. mlx-lm itself adds it to the global SafeLoader when it is imported.
"""

import re
from typing import Any

import yaml

_MLX_LM_FLOAT = re.compile(
    r"""^(?:
     [-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)
    |\.[0-9_]+(?:[eE][-+][0-9]+)?
    |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.X,
)
"""mlx_lm/lora.py, `yaml_loader.add_implicit_resolver`; a test holds our reading to mlx-lm's."""

_LARGEST = 100_000
"""Nodes after aliases are followed. A configuration has about a hundred, a YAML bomb billions."""


class Loader(yaml.SafeLoader):
    """Raises yaml.YAMLError and nothing else."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # 2024-99-99, 0b_, an integer of 5000 digits
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


Loader.add_implicit_resolver("tag:yaml.org,2002:float", _MLX_LM_FLOAT, list("-+0123456789."))


def compose(loader: Loader) -> yaml.Node | None:
    """The one document's node graph, known to be a tree of reasonable size once aliases are followed."""
    node = loader.get_single_node()
    if node is not None:
        _measure(node, {})
    return node


def load(text: str) -> Any:
    """The value of a YAML text. Raises yaml.YAMLError, or RecursionError for absurd nesting."""
    loader = Loader(text)
    try:
        node = compose(loader)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _measure(node: yaml.Node, sizes: dict[int, int]) -> int:
    if (size := sizes.get(id(node))) is None:
        sizes[id(node)] = _LARGEST  # met again before it is measured: it contains itself
        size = sizes[id(node)] = 1 + sum(_measure(child, sizes) for child in _children(node))
    if size > _LARGEST:
        raise yaml.composer.ComposerError(
            None, None, "aliases make this value larger than any configuration", node.start_mark
        )
    return size


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
