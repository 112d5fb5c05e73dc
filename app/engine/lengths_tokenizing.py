"""mlx-lm's dataset classes tokenize one row at a time; here they do it for many rows at once, to the same tokens."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from mlx_lm.tokenizer_utils import TokenizerWrapper
from transformers import PreTrainedTokenizerFast

_ROWS, _CHARACTERS = 1024, 1 << 20
"""A batch is full with either: enough to do for every core, and little memory."""
_COMPARED = 32
"""Rows of a set that are tokenized in both ways, to see that it makes no difference.

The usual way comes first: it also takes off the truncation and padding that a tokenizer.json may hold.
"""
_END = object()

Process = Callable[[Any], tuple[list[int], int]]
"""The `process` of mlx-lm's dataset classes: a row's tokens, and where those that train begin."""


@dataclass(frozen=True)
class _Text:
    """What a dataset class wants tokenized for a row; `special` is whether the tokenizer adds its special tokens."""

    text: str
    special: bool


_Batch = list[tuple[Any, list[_Text] | None]]
"""Rows and what they want tokenized: with a mask, a row and then its prompt. None for a row that is refused."""
_Tokens = dict[_Text, list[int] | None]
"""None for a text that has none."""

Counted = tuple[int, int] | None
"""A row's tokens, and those before the ones that train; None for a row that mlx-lm cannot tokenize."""
_Lengths = list[tuple[Any, Counted]]


class RowTokenizer:
    """Stands in for mlx-lm's tokenizer in its dataset classes, which are asked twice for each row.

    The first time they get a token for any text, and the text is noted; the second time they get the tokens of it.
    Tokenizers that encode in a way of their own are asked row by row, as are those whose first rows differ.
    """

    def __init__(self, tokenizer: TokenizerWrapper):
        self._tokenizer = tokenizer
        self._may_batch = _encodes_as_stock(tokenizer._tokenizer)
        self._by_row = True
        self._noted: list[_Text] = []
        self._tokens: Iterator[list[int]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def encode(self, text: str) -> list[int]:
        """What mlx-lm asks for a text row."""
        return self._tokenizer.encode(text) if self._by_row else self._tokens_of(lambda: text, special=True)

    def apply_chat_template(self, messages: Any, **options: Any) -> list[int]:
        """What mlx-lm asks for a row of messages, or of a prompt and its completion. A template has special tokens."""
        render = self._tokenizer.apply_chat_template
        if self._by_row:
            return render(messages, **options)
        return self._tokens_of(lambda: render(messages, tokenize=False, **options), special=False)

    def lengths(self, process: Process, rows: Iterable[Any]) -> Iterator[tuple[Any, Counted]]:
        """Each row with what it comes to."""
        rows = iter(rows)
        usual: _Lengths = []
        self._by_row = True
        while len(usual) < _COMPARED and (row := next(rows, _END)) is not _END:
            length = _length(process, row)
            usual += [] if length is None else [(row, length)]
            yield row, length
        if self._may_batch:
            self._by_row = False
            batch = [(row, self._wanted(process, row)) for row, _ in usual]
            self._by_row = self._at_once(process, batch, self._tokens_for(batch)) != usual
        if self._by_row:
            yield from ((row, _length(process, row)) for row in rows)
        else:
            for batch, tokens in self._encoded(self._batches(process, rows)):
                yield from self._at_once(process, batch, tokens)

    def _tokens_of(self, text: Callable[[], str], special: bool) -> list[int]:
        if self._tokens is None:
            self._noted.append(_Text(text(), special))
            return [0]
        return next(self._tokens)

    def _batches(self, process: Process, rows: Iterable[Any]) -> Iterator[_Batch]:
        batch: _Batch = []
        characters = 0
        for row in rows:
            wanted = self._wanted(process, row)
            batch.append((row, wanted))
            characters += sum(len(each.text) for each in wanted or ())
            if len(batch) == _ROWS or characters >= _CHARACTERS:
                yield batch
                batch, characters = [], 0
        yield batch

    def _wanted(self, process: Process, row: Any) -> list[_Text] | None:
        self._noted = []
        try:
            process(row)
        except Exception:
            return None
        return self._noted if all(isinstance(each.text, str) for each in self._noted) else None

    def _encoded(self, batches: Iterable[_Batch]) -> Iterator[tuple[_Batch, _Tokens]]:
        """Each batch with its tokens, which are made while templates render the next."""
        with ThreadPoolExecutor(1) as pool:
            waiting: list[tuple[_Batch, Future[_Tokens]]] = []
            for batch in batches:
                waiting.append((batch, pool.submit(self._tokens_for, batch)))
                if len(waiting) > 1:
                    ready, tokens = waiting.pop(0)
                    yield ready, tokens.result()
            for batch, tokens in waiting:
                yield batch, tokens.result()

    def _tokens_for(self, batch: _Batch) -> _Tokens:
        tokens: _Tokens = {}
        for special in (True, False):
            texts = {each: None for _, wanted in batch for each in wanted or () if each.special == special}
            tokens |= zip(texts, self._encode([each.text for each in texts], special), strict=True)
        return tokens

    def _at_once(self, process: Process, batch: _Batch, tokens: _Tokens) -> _Lengths:
        return [
            (row, None if wanted is None else self._length_with(process, row, [tokens[each] for each in wanted]))
            for row, wanted in batch
        ]

    def _length_with(self, process: Process, row: Any, tokens: list[list[int] | None]) -> Counted:
        """Of copies, for a dataset class may change a list, and rows may share it."""
        whole = [ids.copy() for ids in tokens if ids is not None]
        self._tokens = iter(whole)
        try:
            return _length(process, row) if len(whole) == len(tokens) else None
        finally:
            self._tokens = None

    def _encode(self, texts: list[str], special: bool) -> list[list[int] | None]:
        """None for a text that is none, such as half a surrogate pair: it spoils a batch until it is found."""
        try:
            encodings = self._tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=special)
            return [encoding.ids for encoding in encodings]
        except Exception:
            return [None] if len(texts) == 1 else [ids for text in texts for ids in self._encode([text], special)]


def _encodes_as_stock(tokenizer: Any) -> bool:
    """Whether its tokens are what the `tokenizers` library makes of a text, and nothing else."""
    names = ("__call__", "encode", "_encode_plus", "apply_chat_template")
    return all(getattr(type(tokenizer), name, None) is getattr(PreTrainedTokenizerFast, name) for name in names)


def _length(process: Process, row: Any) -> Counted:
    try:
        tokens, prompt = process(row)
        return (len(tokens), prompt) if all(isinstance(token, int) for token in tokens[:1]) else None
    except Exception:
        return None
