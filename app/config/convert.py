"""One dialect into the other, in place: comments, order and everything else in the file stay."""

from app.config.claims import Form, claims
from app.config.dialect import Dialect, resolve
from app.config.document import Document, KeyPath, parse
from app.config.edits import put, remove
from app.config.registry import PARAMETERS
from app.config.render import render


def convert(document: Document, to: Dialect) -> str:
    """The document's text in the native dialect, or with the reference's flat keys beside what mlx-lm reads.

    Raises CannotEdit. Bad values stay as they are.
    """
    text = render(document, resolve(document).config)
    return _with_flat(text) if to is Dialect.FLAT else _without_flat(text)


def _without_flat(text: str) -> str:
    for claim in claims(parse(text, None))[0]:
        if claim.form is Form.FLAT:
            text = remove(text, claim.path)
    return text


def _with_flat(text: str) -> str:
    document = parse(text, None)
    present = {claim.key: claim.path for claim in claims(document)[0] if claim.form is not Form.NATIVE}
    config, after = resolve(document).config, _last_lora_entry(document)
    for parameter in PARAMETERS:
        if parameter.flat is None:
            continue
        if parameter.key not in present:
            text = put(text, (parameter.flat,), config.values[parameter.key], after)
        after = present.get(parameter.key, (parameter.flat,))[:1]
    return text


def _last_lora_entry(document: Document) -> KeyPath | None:
    found = [claim.path[:1] for claim in claims(document)[0] if "lora" in claim.key or claim.key == "num_layers"]
    return found[-1] if found else None
