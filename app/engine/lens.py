"""Rows as the model will see them: a request a line on its input, an answer a line on its output, until it ends.

A request has `config`, the native configuration, `trusts_remote_code`, and two lines of a file: `first`, by which
mlx-lm tells the format of all, and `row`. The answer has

- `pieces` and `ids`: the text of each token and its number, of the first tokens of a row that is very long;
- `special`: the places of tokens that a text cannot spell, such as those that a chat template adds;
- `tokens`: how many there are;
- `prompt`: how many of them come before those that train, 0 without mask_prompt;

or `problem`, a sentence.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from app.engine.failures import Failure, reason
from app.engine.tokenizer import dataset_of, load_tokenizer, stay_here
from app.wire.answering import take_stdout

_SHOWN = 20_000
"""Tokens whose pieces are told."""
_PARTS = 4
"""Tokens at most that make one character between them: UTF-8 has no more bytes."""


def serve_rows() -> int:
    """Answer every line. A row that cannot be shown is an answer too."""
    tell = take_stdout()
    stay_here()
    lens = _Lens()
    for line in sys.stdin:
        try:
            answer = lens.answer(json.loads(line))
        except Exception as error:
            answer = {"problem": reason(error)}
        tell(answer)
    return 0


class _Lens:
    """Keeps the tokenizer that was asked last."""

    def __init__(self) -> None:
        self._loaded: tuple[str, bool] | None = None
        self._tokenizer: Any = None

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        from mlx_lm.lora import CONFIG_DEFAULTS

        given = {key: value for key, value in request["config"].items() if value is not None}
        args = SimpleNamespace(**CONFIG_DEFAULTS | given)
        tokenizer = self._tokenizer_of(args.model, bool(request["trusts_remote_code"]))
        row = _read(request["row"])
        dataset = _dataset(request["first"], row, tokenizer, args)
        try:
            tokens, prompt = dataset.process(row)
        except Exception as error:  # whatever a template raises
            raise Failure(f"mlx-lm fails at this row: {reason(error)}") from error
        if not all(isinstance(token, int) for token in tokens[:1]):
            raise Failure("mlx-lm fails at this row: it takes a list of texts for one text.")
        shown = tokens[:_SHOWN]
        special = _special(tokenizer)
        return {
            "pieces": list(_pieces(tokenizer, shown, special)),
            "ids": shown,
            "special": [at for at, token in enumerate(shown) if token in special],
            "tokens": len(tokens),
            "prompt": prompt,
        }

    def _tokenizer_of(self, model: str, trusts_remote_code: bool) -> Any:
        if self._loaded != (model, trusts_remote_code):
            self._loaded, self._tokenizer = None, load_tokenizer(model, trusts_remote_code)
            self._loaded = model, trusts_remote_code
        return self._tokenizer


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise Failure(f"mlx-lm cannot read this line: it is no JSON ({error.msg} at {error.colno}).") from error
    except (ValueError, RecursionError) as error:
        raise Failure("mlx-lm cannot read this line: Python takes it for no JSON.") from error


def _dataset(first: str, row: Any, tokenizer: Any, args: SimpleNamespace) -> Any:
    """By the row itself where the first line is none, so that there is something to see."""
    try:
        sample = json.loads(first)
    except (ValueError, RecursionError):
        sample = row
    try:
        return dataset_of(sample, tokenizer, args)
    except (ValueError, TypeError) as error:
        raise Failure("mlx-lm knows no format of this file's first row.") from error


def _special(tokenizer: Any) -> Mapping[int, str]:
    """Tokens that stand for themselves, and their text."""
    added = getattr(tokenizer._tokenizer, "added_tokens_decoder", {})
    found = {number: token.content for number, token in added.items() if token.special or token.content.strip()}
    for number in tokenizer.all_special_ids:
        found.setdefault(number, tokenizer.convert_ids_to_tokens(number))
    return found


def _pieces(tokenizer: Any, tokens: Sequence[int], special: Mapping[int, str]) -> Iterator[str]:
    """What each token adds to the text; nothing until the character is whole of which it is a part.

    A token is decoded behind its predecessor, for many tokenizers drop a space from the first one.
    """

    def decode(ids: Sequence[int]) -> str:
        return tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)

    before, begun = 0, 0
    for at, token in enumerate(tokens):
        if token in special:
            before = begun = at + 1
            yield special[token]
            continue
        known = decode(tokens[before:begun])
        text = decode(tokens[before : at + 1])[len(known) :]
        if text.endswith("\ufffd") and at + 1 - begun < _PARTS and at + 1 < len(tokens):
            yield ""
            continue
        before, begun = begun, at + 1
        yield text
