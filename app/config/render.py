"""The text that a configuration is saved as: the file's own, changed only where it must be."""

import math

from app.config.claims import Claim, Form, claims
from app.config.config import ALPHA, LORA_BLOCK, SCALE, Config, Origin
from app.config.dialect import resolve
from app.config.document import ConfigError, Document, KeyPath, parse
from app.config.edits import CannotEdit, put, remove, rename
from app.config.fresh import fresh
from app.config.groups import GROUPS
from app.config.older import written
from app.config.registry import BY_KEY, PARAMETERS, find
from app.config.stock import alike, stock, stock_value

_GROUP_ORDER = {group.id: place for place, group in enumerate(GROUPS)}


def render(document: Document, config: Config) -> str:
    """The document's text with `config` in it, so that mlx-lm trains from it what `config` shows.

    Entries that say so already stay byte for byte, and so do bad values that nobody has mended. Older names
    are renamed, flat keys kept in step beside the `lora_parameters` that mlx-lm reads. Raises CannotEdit.
    """
    if not document.text.strip():
        return _checked(document, fresh(config), config, frozenset())
    kept = _unmended(document, config)
    text = _with_present_names(document, kept)
    text = _with_native_values(parse(text, document.path), config, kept)
    text = _with_flat_in_step(parse(text, document.path), config, kept)
    return _checked(document, text, config, kept)


def rewritten(document: Document, config: Config) -> str:
    """A new native text for a file that cannot be edited in place: comments are lost, unknown keys kept."""
    _, unknown = claims(document)
    extra = {path[0]: document.data[path[0]] for path in unknown if len(path) == 1}
    return _checked(document, fresh(config, extra), config, frozenset())


def _unmended(document: Document, config: Config) -> frozenset[str]:
    """Parameters whose entry holds a bad value that has not been edited since."""
    bad = {problem.key for problem in resolve(document).problems}
    if LORA_BLOCK in bad:
        bad |= {key for key in BY_KEY if key.startswith(LORA_BLOCK)}
        if any(config.origins.get(key, Origin.DEFAULT) is not Origin.DEFAULT for key in bad):
            return frozenset()
    return frozenset(key for key in bad if config.origins.get(key, Origin.DEFAULT) is Origin.DEFAULT)


def _with_present_names(document: Document, kept: frozenset[str]) -> str:
    text = _with_present_block(document)
    for claim in claims(parse(text, document.path))[0]:
        *block, old = claim.path
        if claim.form is Form.NATIVE or claim.key in kept or (block and block != [LORA_BLOCK]):
            continue
        name, data = _present_name(claim, bool(block)), parse(text, document.path).data
        if "." in name:
            text = remove(text, claim.path)  # its value comes into lora_parameters
        elif name not in (data[LORA_BLOCK] if block else data):
            text = rename(text, (*block, old), name)
    return text


def _with_present_block(document: Document) -> str:
    for name, value in document.data.items():
        if name.replace("-", "_") == LORA_BLOCK and LORA_BLOCK not in document.data and isinstance(value, dict):
            return rename(document.text, (name,), LORA_BLOCK)
    return document.text


def _present_name(claim: Claim, in_block: bool) -> str:
    if in_block:
        return (SCALE if claim.key == ALPHA else claim.key).rpartition(".")[2]
    return BY_KEY[claim.key].flat or claim.key


def _with_native_values(document: Document, config: Config, kept: frozenset[str]) -> str:
    text, read = document.text, stock(document).config
    mended = {problem.key for problem in resolve(document).problems} - kept
    differing = [
        parameter
        for parameter in PARAMETERS
        if parameter.read_from_yaml and not parameter.view and parameter.key not in kept
        if parameter.key in mended or not alike(config.values[parameter.key], stock_value(read, parameter.key))
    ]
    if not isinstance(document.data.get(LORA_BLOCK), dict) and any("." in p.key for p in differing):
        text = put(text, (LORA_BLOCK,), _lora_block(config), _neighbour(text, "lora"))
        differing = [parameter for parameter in differing if "." not in parameter.key]
    for parameter in differing:
        path, value = tuple(parameter.key.split(".")), config.values[parameter.key]
        after = _neighbour(text, parameter.group) if len(path) == 1 else None
        text = remove(text, path) if value is None else put(text, path, value, after)
    return text


def _lora_block(config: Config) -> dict[str, object]:
    keys = [key for key in BY_KEY if key.startswith(f"{LORA_BLOCK}.") and config.values[key] is not None]
    return {key.rpartition(".")[2]: config.values[key] for key in keys}


def _with_flat_in_step(document: Document, config: Config, kept: frozenset[str]) -> str:
    text = document.text
    for claim in claims(document)[0]:
        value = config.values[claim.key]
        silent = claim.form is Form.NATIVE or claim.value is None or not BY_KEY[claim.key].read_from_yaml
        if silent or claim.key in kept or alike(claim.value, value):
            continue
        text = remove(text, claim.path) if value is None else put(text, claim.path, written(claim.path[-1], value))
    return text


def _neighbour(text: str, group: str) -> KeyPath | None:
    """The entry behind which one of `group` belongs: the last of its group, or of the nearest before it."""
    places = {}
    for position, name in enumerate(parse(text, None).data):
        parameter = find(name)
        named = "lora" if name == LORA_BLOCK else parameter.group if parameter else None
        if named is not None and _GROUP_ORDER[named] <= _GROUP_ORDER[group]:
            places[(_GROUP_ORDER[named], position)] = name
    return (places[max(places)],) if places else None


def _checked(document: Document, text: str, config: Config, kept: frozenset[str]) -> str:
    """`text`, known to mean `config` to Tunedeck and to mlx-lm. Raises CannotEdit."""
    try:
        new = parse(text, document.path)
    except ConfigError as error:
        raise CannotEdit(f"The file cannot be changed in place: {error.message}") from error
    read, ours = stock(new).config, resolve(new).config
    for parameter in PARAMETERS:
        key = parameter.key
        if key in kept or not parameter.read_from_yaml:
            continue
        heard = parameter.view or alike(config.values[key], stock_value(read, key))
        if not heard or not _shows_alike(config.values[key], ours.values[key]):
            raise CannotEdit(f"{key} cannot be changed in place; edit it by hand, or save a rewritten file.")
    return text


def _shows_alike(one: object, other: object) -> bool:
    """Alpha is computed where the file holds scale, so its last digits may differ."""
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)  # type: ignore[arg-type]
    return alike(one, other)
