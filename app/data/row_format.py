"""What mlx-lm makes of one row: the format that its keys tell, and whether the row is one of that format.

As mlx_lm/tuner/datasets.py (0.32) has it: `create_dataset` looks at the first row alone, and each dataset class then
takes its keys for granted. What a chat template makes of an odd message is the template's own: those codes are of rows
that train as hardly anybody means them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FEATURES = {
    "prompt_feature": "prompt",
    "completion_feature": "completion",
    "chat_feature": "messages",
    "text_feature": "text",
}
"""The keys of a configuration that say where a row's text is, and mlx-lm's defaults."""


class Odd(Exception):
    """Of a row: a code and a clause, as in `OddRow`."""

    def __init__(self, code: str, words: str):
        super().__init__(words)
        self.code, self.words = code, words


Judge = Callable[[dict[str, Any], bool], tuple[int, int]]
"""Given a row, and whether its strings are known to be text. Of a sound one: the characters of its text, and the
messages of the assistant (0 for what has no messages)."""


@dataclass(frozen=True)
class RowFormat:
    """The keys by which rows are told."""

    prompt: str
    completion: str
    chat: str
    text: str

    def of(self, row: Mapping[str, Any]) -> str | None:
        """`chat`, `tools`, `completions` or `text` by a row's keys, in mlx-lm's order; None when it knows none."""
        if self.prompt in row and self.completion in row:
            return "completions"
        if self.chat in row:
            return "tools" if row.get("tools") else "chat"
        return "text" if self.text in row else None

    def judge(self, format: str) -> Judge:
        """Judges the rows of a file of this format. What it returns raises Odd."""
        return {"completions": self._pair, "text": self._text}.get(format, self._chat)

    def _text(self, row: dict[str, Any], is_whole: bool) -> tuple[int, int]:
        self._wants(row, self.text)
        text = row[self.text]
        if not isinstance(text, str):
            raise Odd("wrong-type", f"its {self.text} is {_kind(text)} and no string")
        if not text:
            raise Odd("empty-text", f"its {self.text} is empty")
        if not is_whole:
            _refuse_surrogates(text)
        return len(text), 0

    def _pair(self, row: dict[str, Any], is_whole: bool) -> tuple[int, int]:
        self._wants(row, self.prompt, self.completion)
        tools = _tools(row, is_whole)
        prompt, completion = row[self.prompt], row[self.completion]
        if not is_whole:
            _refuse_surrogates([prompt, completion])
        _refuse_content(prompt, self.prompt)
        _refuse_content(completion, self.completion)
        if not completion or completion.isspace():
            raise Odd("empty-completion", f"its {self.completion} is empty")
        return len(prompt) + len(completion) + tools, 0

    def _chat(self, row: dict[str, Any], is_whole: bool) -> tuple[int, int]:
        """Most rows need no second look: one pass over their messages."""
        messages = row.get(self.chat)
        characters, answers, role, content = 0, 0, None, None
        for message in messages if isinstance(messages, list) and is_whole else ():
            if type(message) is not dict:
                return self._odd_chat(row, is_whole)
            role, content = message.get("role"), message.get("content")
            if type(role) is not str or type(content) is not str:
                return self._odd_chat(row, is_whole)
            characters += len(content)
            answers += role == "assistant"
        if role != "assistant" or not content or content.isspace():
            return self._odd_chat(row, is_whole)
        return characters + (_tools(row, is_whole) if "tools" in row else 0), answers

    def _odd_chat(self, row: dict[str, Any], is_whole: bool) -> tuple[int, int]:
        """The same for what may be odd, one kind of oddity after another."""
        self._wants(row, self.chat)
        messages = row[self.chat]
        if not isinstance(messages, list) or not messages:
            raise Odd("wrong-type", f"its {self.chat} is {_kind(messages)} and no list of messages")
        for message in messages:
            if not isinstance(message, dict):
                raise Odd("wrong-type", f"its {self.chat} holds {_kind(message)} where a message should be")
        tools = _tools(row, is_whole)
        if not is_whole:
            _refuse_surrogates(messages)
        for message in messages:
            if not isinstance(message.get("role"), str):
                raise Odd("wrong-content", "a message of it has no role")
            if message.get("content") is not None or not message.get("tool_calls"):
                _refuse_content(message.get("content"), "content")
        answers = [message for message in messages if message["role"] == "assistant"]
        if answers and not answers[-1].get("tool_calls") and not answers[-1]["content"].strip():
            raise Odd("empty-completion", "the assistant's last message in it is empty")
        if messages[-1]["role"] != "assistant":
            raise Odd("last-not-assistant", "its last message is not the assistant's")
        return tools + sum(len(message.get("content") or "") for message in messages), len(answers)

    def _wants(self, row: dict[str, Any], *keys: str) -> None:
        missing = [key for key in keys if key not in row]
        if not missing:
            return
        if other := self.of(row):
            theirs = {"completions": self.prompt, "text": self.text}.get(other, self.chat)
            raise Odd("other-format", f"it has {theirs} but no {missing[0]}")
        raise Odd("missing-key", f"it has no {missing[0]}")


def row_format(features: Mapping[str, Any]) -> RowFormat:
    """Of a native configuration."""
    keys = {key: features.get(key) for key in FEATURES}
    known = {key: given if isinstance(given, str) else FEATURES[key] for key, given in keys.items()}
    return RowFormat(*(known[key] for key in FEATURES))


def object_of(row: Any) -> dict[str, Any]:
    """The row itself. Raises Odd when it is none."""
    if type(row) is not dict:
        raise Odd("not-object", f"it is {_kind(row)} and no object")
    return row


def _tools(row: dict[str, Any], is_whole: bool) -> int:
    """Characters of a row's tools, about."""
    tools = row.get("tools")
    if tools is None:
        return 0
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise Odd("wrong-type", f"its tools are {_kind(tools)} and no list of objects")
    if not is_whole:
        _refuse_surrogates(tools)
    return len(json.dumps(tools)) if tools else 0


def _refuse_content(content: Any, name: str) -> None:
    if isinstance(content, str):
        return
    if isinstance(content, list) and content and all(isinstance(part, dict) and "type" in part for part in content):
        raise Odd("content-parts", f"its {name} is a list of parts and no string")
    raise Odd("wrong-content", f"its {name} is {_kind(content)} and no string")


def _refuse_surrogates(value: Any) -> None:
    """Of all strings in a JSON value."""
    stack = [value]
    while stack:
        match stack.pop():
            case str(text):
                if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
                    raise Odd("lone-surrogate", "it holds half of a surrogate pair, which is no character")
            case list(values):
                stack += values
            case dict(values):
                stack += (*values, *values.values())


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list" if value else "an empty list"
    return "an object"
