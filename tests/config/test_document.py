"""Reading a file: what it holds, where, and one clear sentence for everything that cannot be used."""

import os
from pathlib import Path

import pytest

from app.config.document import ConfigError, fingerprint, parse, read


def _complaint(tmp_path: Path, content: bytes) -> ConfigError:
    path = tmp_path / "train.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read(path)
    return caught.value


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "empty"),
        (b"# only a comment\n", None, "empty"),
        (b"~\n", 1, "no settings"),
        (b"# c\n- model: x\n- iters: 5\n", 2, "list"),
        (b"just words\n", 1, "no settings"),
        (b"iters: 5\nmodel: [a, b\ntrain: true\n", 3, "not valid YAML"),
        (b"iters: 5\n\tseed: 1\n", 2, "tabs"),
        (b"iters: 5\nmodel: a: b\n", 2, "not valid YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "single document"),
        (b"iters: 5\nmodel: caf\xe9\n", 2, "UTF-8"),
        (b"iters: 5\nmodel: a\x00b\n", 2, "U+0000"),
        (b"iters: 5\nmodel: a\x1b[31mb\n", 2, "U+001B"),
        (b"iters: 5\nyes: 1\n", 2, "yes is not text"),
        (b"iters: 5\n5: 1\n", 2, "5 is not text"),
        (b"iters: 5\nproject_name: 2024-99-99\n", 2, "month"),
        (b"iters: 5\nmodel: !!python/name:os.system x\n", 2, "constructor"),
        (b"iters: " + b"9" * 5000 + b"\n", 1, "4300"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, None, "too deeply"),
        (b"a: &a [*a]\n", 1, "aliases"),
        (b"a: *nowhere\n", 1, "undefined alias"),
    ],
)
def test_bad_content(tmp_path: Path, content: bytes, line: int | None, words: str) -> None:
    error = _complaint(tmp_path, content)
    assert error.line == line
    assert words in error.message
    place = f"{tmp_path / 'train.yaml'}" + (f":{line}" if line else "")
    assert str(error) == f"{place}: {error.message}"
    assert "\n" not in str(error)


def test_alias_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    levels = ["a0: &a0 {x: 1}"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "aliases" in _complaint(tmp_path, "\n".join(levels).encode()).message


def test_merge_key_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    levels = ["a0: &a0 {x: 1}"]
    levels += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]
    assert "aliases" in _complaint(tmp_path, "\n".join(levels).encode()).message


def test_missing_folder_fifo_huge_and_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(b"# " + b"x" * 1_000_000)
    for name, words in [("none", "no such file"), (".", "folder"), ("pipe", "regular file"), ("huge", "1 MB")]:
        with pytest.raises(ConfigError, match=words):
            read(tmp_path / name)
    with pytest.raises(ConfigError, match="null"):
        read(Path("a\0b"))


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("iters: 5\n")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigError, match="no permission"):
        read(path)
    assert fingerprint(path) is None


def test_text_keeps_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    content = "\ufeffiters: 5\r\nlora_parameters:\r\n  rank: 8 # é🙂\r\n".encode()
    path = tmp_path / "train.yaml"
    path.write_bytes(content)
    document = read(path)
    assert document.text.encode() == content
    assert document.data == {"iters": 5, "lora_parameters": {"rank": 8}}
    assert document.lines == {("iters",): 1, ("lora_parameters",): 2, ("lora_parameters", "rank"): 3}
    assert document.fingerprint == fingerprint(path)


def test_duplicates_are_noted_and_the_last_wins() -> None:
    document = parse("iters: 5\nseed: 1\niters: 7\nlora_parameters: {rank: 1, rank: 2}\n", None)
    assert document.data == {"iters": 7, "seed": 1, "lora_parameters": {"rank": 2}}
    assert [(d.path, d.line) for d in document.duplicates] == [
        (("iters",), 3),
        (("lora_parameters", "rank"), 4),
    ]
    assert document.lines[("iters",)] == 3


def test_new_configuration_has_no_path_and_no_values() -> None:
    document = parse("", None)
    assert (document.path, document.text, document.data) == (None, "", {})


def test_merge_keys_are_values() -> None:
    assert parse("base: &b {iters: 5}\n<<: *b\nseed: 1\n", None).data == {"base": {"iters": 5}, "iters": 5, "seed": 1}
