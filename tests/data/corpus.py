"""Odd data files: what a scan is to find in each, and what mlx-lm makes of it.

What mlx-lm does is held to mlx-lm itself in tests/checks/test_data_against_mlx_lm.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHAT = b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}'
PAIR = b'{"prompt": "hi", "completion": "ho"}'
TEXT = b'{"text": "hello"}'
TOOLS = (
    b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": null, "tool_calls":'
    b' [{"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]}],'
    b' "tools": [{"type": "function",'
    b' "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]}'
)

LOAD = "load"
"""mlx-lm cannot load the file."""


@dataclass(frozen=True)
class OddFile:
    """`content` as train.jsonl. `odd` is every odd row that a scan finds, as (line, code), in their order."""

    name: str
    content: bytes
    format: str | None
    odd: tuple[tuple[int, str], ...] = ()
    fails: tuple[int, ...] | str = ()
    """Lines of the rows that mlx-lm cannot tokenize when their batch comes; LOAD when it does not get as far."""
    rows: int | None = None
    """Lines as mlx-lm counts them; None where it does not count, as the file is no text."""
    problem: bool = False
    """Whether the file has a problem that is of no line."""
    repeats: tuple[tuple[int, int], ...] = ()
    """Lines of rows that stand before already: the row, and the row that it repeats."""
    conversations: int = 0
    """Rows with more than one message of the assistant."""
    config: Mapping[str, Any] = field(default_factory=dict)


def lines(*rows: bytes, end: bytes = b"\n") -> bytes:
    return b"".join(row + end for row in rows)


def said(*messages: str) -> bytes:
    """A chat row of messages in JSON."""
    return b'{"messages": [' + ", ".join(messages).encode() + b"]}"


def answered(content: str) -> bytes:
    """A chat row whose answer has this content, in JSON."""
    return said('{"role": "user", "content": "hi"}', f'{{"role": "assistant", "content": {content}}}')


def _text(value: str) -> bytes:
    return f'{{"text": {value}}}'.encode()


_DEEP = b'{"text": "a", "note": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
_LATIN = '{"text": "café"}'.encode("latin-1")
_BOM = b"\xef\xbb\xbf"
_ASK = '{"role": "user", "content": "hi"}'
_ANSWER = '{"role": "assistant", "content": "ho"}'

UNREADABLE = (
    OddFile("an empty file", b"", None, (), LOAD, rows=0, problem=True),
    OddFile("only a blank line", b"\n", None, ((1, "blank-line"),), LOAD, rows=1),
    OddFile("a blank line in the middle", lines(CHAT, b"", CHAT), "chat", ((2, "blank-line"),), LOAD, rows=3),
    OddFile("a blank line at the end", lines(CHAT, CHAT, b""), "chat", ((3, "blank-line"),), LOAD, rows=3),
    OddFile("a line of spaces", lines(CHAT, b"  \t"), "chat", ((2, "blank-line"),), LOAD, rows=2),
    OddFile("a blank first line", lines(b"", TEXT), "text", ((1, "blank-line"),), LOAD, rows=2),
    OddFile(
        "line ends of two kinds at once",
        lines(CHAT, CHAT, end=b"\r\r\n"),
        "chat",
        ((2, "blank-line"), (4, "blank-line")),
        LOAD,
        rows=4,
    ),
    OddFile("a byte order mark", _BOM + lines(CHAT, CHAT), "chat", ((1, "byte-order-mark"),), LOAD, rows=2),
    OddFile(
        "two files put together, the second with a byte order mark",
        lines(TEXT, _BOM + TEXT),
        "text",
        ((2, "byte-order-mark"),),
        LOAD,
        rows=2,
    ),
    OddFile("UTF-16", lines(CHAT).decode().encode("utf-16"), None, ((1, "not-text"),), LOAD),
    OddFile("one line in Latin-1", lines(TEXT, _LATIN, TEXT), "text", ((2, "not-text"),), LOAD),
    OddFile("a JSON array in one line", lines(b"[" + TEXT + b", " + TEXT + b"]"), None, ((1, "json-array"),), LOAD, 1),
    OddFile("a JSON array over lines", lines(b"[", TEXT + b",", TEXT, b"]"), None, ((1, "json-array"),), LOAD, 4),
    OddFile(
        "one row over three lines",
        lines(b"{", b'  "text": "a"', b"}"),
        None,
        ((1, "not-json"), (2, "not-json"), (3, "not-json")),
        LOAD,
        rows=3,
    ),
    OddFile("two rows in one line", lines(TEXT, TEXT + TEXT), "text", ((2, "not-json"),), LOAD, rows=2),
    OddFile("a comma behind a row", lines(TEXT, TEXT + b",", TEXT), "text", ((2, "not-json"),), LOAD, rows=3),
    OddFile("single quotes", lines(TEXT, b"{'text': 'a'}"), "text", ((2, "not-json"),), LOAD, rows=2),
    OddFile("a comment", lines(b"// rows", TEXT), "text", ((1, "not-json"),), LOAD, rows=2),
    OddFile("a row that breaks off", lines(TEXT, TEXT) + b'{"text": "hel', "text", ((3, "not-json"),), LOAD, rows=3),
    OddFile("a tab inside a string", lines(TEXT, b'{"text": "a\tb"}'), "text", ((2, "not-json"),), LOAD, rows=2),
    OddFile("a NUL inside a string", lines(TEXT, b'{"text": "a\x00b"}'), "text", ((2, "not-json"),), LOAD, rows=2),
    OddFile("a form feed between rows", lines(TEXT, b"\x0c" + TEXT), "text", ((2, "not-json"),), LOAD, rows=2),
    OddFile("deep nesting", lines(TEXT, _DEEP), "text", ((2, "not-json"),), LOAD, rows=2),
    OddFile(
        "a number of 5,000 digits",
        lines(TEXT, b'{"text": "a", "id": ' + b"9" * 5000 + b"}"),
        "text",
        ((2, "not-json"),),
        LOAD,
        rows=2,
    ),
    OddFile("nobody's keys", lines(b'{"question": "a", "answer": "b"}'), None, ((1, "unknown-format"),), LOAD, rows=1),
    OddFile("a prompt alone", lines(b'{"prompt": "a"}', PAIR), None, ((1, "unknown-format"),), LOAD, rows=2),
    OddFile("an empty object first", lines(b"{}", TEXT), None, ((1, "unknown-format"),), LOAD, rows=2),
    OddFile("a number first", lines(b"5", TEXT), None, ((1, "not-object"),), LOAD, rows=2),
    OddFile("null first", lines(b"null", TEXT), None, ((1, "not-object"),), LOAD, rows=2),
    OddFile(
        "a key that the configuration renames",
        lines(TEXT),
        None,
        ((1, "unknown-format"),),
        LOAD,
        rows=1,
        config={"text_feature": "body"},
    ),
)
"""Files that mlx-lm does not load. Its reader takes a line for a row, whatever is in it.

Of a JSON array only the first line is told, and of a file that is no text only the first line that is none; the
format is that of the first row that is one, unless the row that mlx-lm would look at has none.
"""

FAILING = (
    OddFile("another format in row 5", lines(*[CHAT] * 4, TEXT, CHAT), "chat", ((5, "other-format"),), (5,), 6,
            repeats=((2, 1), (3, 1), (4, 1), (6, 1))),
    OddFile("chat among pairs", lines(PAIR, CHAT), "completions", ((2, "other-format"),), (2,), 2),
    OddFile("no completion", lines(PAIR, b'{"prompt": "a"}'), "completions", ((2, "missing-key"),), (2,), 2),
    OddFile("an empty object", lines(TEXT, b"{}"), "text", ((2, "missing-key"),), (2,), 2),
    OddFile("a key in capitals", lines(TEXT, b'{"Text": "a"}'), "text", ((2, "missing-key"),), (2,), 2),
    OddFile("a number for a row", lines(TEXT, b"5"), "text", ((2, "not-object"),), (2,), 2),
    OddFile("null for a row", lines(CHAT, b"null"), "chat", ((2, "not-object"),), (2,), 2),
    OddFile("a string for a row", lines(TEXT, b'"a text"'), "text", ((2, "not-object"),), (2,), 2),
    OddFile("an array for a row", lines(TEXT, b'["text"]'), "text", ((2, "not-object"),), (2,), 2),
    OddFile("text that is a number", lines(TEXT, _text("5")), "text", ((2, "wrong-type"),), (2,), 2),
    OddFile("text that is null", lines(TEXT, _text("null")), "text", ((2, "wrong-type"),), (2,), 2),
    OddFile("text that is not a number", lines(TEXT, _text("NaN")), "text", ((2, "wrong-type"),), (2,), 2),
    OddFile("text that is an object", lines(TEXT, _text("{}")), "text", ((2, "wrong-type"),), (2,), 2),
    OddFile("text that is a list", lines(TEXT, _text('["a", "b"]')), "text", ((2, "wrong-type"),), (2,), 2),
    OddFile("messages in lists", lines(CHAT, said(f"[{_ASK}, {_ANSWER}]")), "chat", ((2, "wrong-type"),), (2,), 2),
    OddFile("no text", lines(TEXT, _text('""')), "text", ((2, "empty-text"),), (2,), 2),
    OddFile("messages that are a string", lines(CHAT, b'{"messages": "hi"}'), "chat", ((2, "wrong-type"),), (2,), 2),
    OddFile("messages that are null", lines(CHAT, b'{"messages": null}'), "chat", ((2, "wrong-type"),), (2,), 2),
    OddFile("no messages", lines(CHAT, said()), "chat", ((2, "wrong-type"),), (2,), 2),
    OddFile("one message without its list", lines(CHAT, b'{"messages": ' + _ASK.encode() + b"}"), "chat",
            ((2, "wrong-type"),), (2,), 2),
    OddFile("messages of strings", lines(CHAT, said('"hi"', '"ho"')), "chat", ((2, "wrong-type"),), (2,), 2),
    OddFile("a message that is null", lines(CHAT, said("null")), "chat", ((2, "wrong-type"),), (2,), 2),
    OddFile("tools that are a string", lines(CHAT, CHAT[:-1] + b', "tools": "look"}'), "chat",
            ((2, "wrong-type"),), (2,), 2),
    OddFile("half a surrogate pair in a text", lines(TEXT, _text('"a\\ud800b"')), "text",
            ((2, "lone-surrogate"),), (2,), 2),
    OddFile("half a surrogate pair in a message", lines(CHAT, answered('"a\\udc00"')), "chat",
            ((2, "lone-surrogate"),), (2,), 2),
)  # fmt: skip
"""Files that mlx-lm loads, and fails on when a batch holds the row."""

TAUGHT_OTHERWISE = (
    OddFile("an empty completion", lines(PAIR, b'{"prompt": "a", "completion": ""}'), "completions",
            ((2, "empty-completion"),), (), 2),
    OddFile("a completion of spaces", lines(PAIR, b'{"prompt": "a", "completion": " \\n"}'), "completions",
            ((2, "empty-completion"),), (), 2),
    OddFile("an empty answer", lines(CHAT, answered('""')), "chat", ((2, "empty-completion"),), (), 2),
    OddFile("a completion that is null", lines(PAIR, b'{"prompt": "a", "completion": null}'), "completions",
            ((2, "wrong-content"),), (), 2),
    OddFile("a completion that is a number", lines(PAIR, b'{"prompt": "a", "completion": 5}'), "completions",
            ((2, "wrong-content"),), (), 2),
    OddFile("a prompt that is a list of messages", lines(PAIR, b'{"prompt": [' + _ASK.encode() + b'], "completion": '
            b'[' + _ANSWER.encode() + b"]}"), "completions", ((2, "wrong-content"),), (), 2),
    OddFile("an answer that is null", lines(CHAT, answered("null")), "chat", ((2, "wrong-content"),), (), 2),
    OddFile("an answer that is a number", lines(CHAT, answered("5")), "chat", ((2, "wrong-content"),), (), 2),
    OddFile("an answer that is not a number", lines(CHAT, answered("NaN")), "chat", ((2, "wrong-content"),), (), 2),
    OddFile("an answer in parts", lines(CHAT, answered('[{"type": "text", "text": "ho"}]')), "chat",
            ((2, "content-parts"),), (), 2),
    OddFile("a message without a role", lines(CHAT, said(_ASK, '{"content": "ho"}')), "chat",
            ((2, "wrong-content"),), (), 2),
    OddFile("a message without content", lines(CHAT, said(_ASK, '{"role": "assistant"}')), "chat",
            ((2, "wrong-content"),), (), 2),
    OddFile("from and value", lines(CHAT, said('{"from": "human", "value": "hi"}', '{"from": "gpt", "value": "ho"}')),
            "chat", ((2, "wrong-content"),), (), 2),
    OddFile("nobody answers", lines(CHAT, said(_ASK)), "chat", ((2, "last-not-assistant"),), (), 2),
)  # fmt: skip
"""Files on which mlx-lm trains something else than was meant, at least with a plain chat template."""

SOUND = (
    OddFile("chat", lines(CHAT, CHAT), "chat", rows=2, repeats=((2, 1),)),
    OddFile("pairs", lines(PAIR), "completions", rows=1),
    OddFile("texts", lines(TEXT), "text", rows=1),
    OddFile("tools", lines(TOOLS), "tools", rows=1),
    OddFile("tools in a later row", lines(CHAT, TOOLS), "chat", rows=2),
    OddFile("no tools", lines(CHAT, CHAT[:-1] + b', "tools": null}'), "chat", rows=2),
    OddFile("Windows line ends", lines(CHAT, TOOLS, end=b"\r\n"), "chat", rows=2),
    OddFile("line ends of an old Mac", lines(TEXT, _text('"b"'), _text('"c"'), end=b"\r"), "text", rows=3),
    OddFile("no newline at the end", lines(TEXT) + _text('"b"'), "text", rows=2),
    OddFile("spaces around rows", lines(b"  " + TEXT + b"\t", _text('"b"')), "text", rows=2),
    OddFile("a line separator inside a text", lines(TEXT, '{"text": "a\u2028b\x85c"}'.encode()), "text", rows=2),
    OddFile("a whole surrogate pair", lines(TEXT, _text('"\\ud83d\\ude00"')), "text", rows=2),
    OddFile("an escaped NUL", lines(TEXT, _text('"a\\u0000b"')), "text", rows=2),
    OddFile("keys that nobody reads", lines(TEXT, b'{"text": "a", "id": NaN, "note": [[{}]]}'), "text", rows=2),
    OddFile("a key twice, the last counts", lines(b'{"text": 5, "text": "b"}'), "text", rows=1),
    OddFile("a huge line", lines(TEXT, b'{"text": "a", "note": "' + b"a " * 600_000 + b'"}'), "text", rows=2),
    OddFile("pairs before chat before text", lines(
        b'{"text": "a", "messages": [], "prompt": "b", "completion": "c"}', PAIR), "completions", rows=2),
    OddFile("a system message first", lines(said('{"role": "system", "content": ""}', _ASK, _ANSWER)), "chat", rows=1),
    OddFile("a conversation", lines(CHAT, said(_ASK, _ANSWER, _ASK, '{"role": "assistant", "content": "ha"}')), "chat",
            rows=2, conversations=1),
    OddFile("an empty prompt", lines(b'{"prompt": "", "completion": "a"}'), "completions", rows=1),
    OddFile("a text of a space", lines(_text('" "')), "text", rows=1),
    OddFile("other keys by configuration", lines(b'{"q": "a", "a": "b"}'), "completions", rows=1,
            config={"prompt_feature": "q", "completion_feature": "a"}),
    OddFile("the same row thrice", lines(TEXT, _text('"b"'), TEXT, TEXT), "text", rows=4,
            repeats=((3, 1), (4, 1))),
)  # fmt: skip
"""Files that train as meant."""

ALL = (*UNREADABLE, *FAILING, *TAUGHT_OTHERWISE, *SOUND)

SHARED = (lines(TEXT, _text('"b"'), _text('"c"')), lines(_text('"c"'), _text('"d"'), TEXT), ((1, 3), (3, 1)))
"""train.jsonl, valid.jsonl, and which lines of valid.jsonl stand at which of train.jsonl."""
