"""Strategies for YAML files as people write them, in pieces, so that a test knows which bytes an edit may touch."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from app.config.document import KeyPath


@dataclass(frozen=True)
class Piece:
    """A stretch of a file. Those with a `path` are the text of a value."""

    text: str
    path: KeyPath | None = None
    value: Any = None


@dataclass(frozen=True)
class YamlFile:
    pieces: list[Piece]
    data: dict[str, Any]
    values: list[KeyPath] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def around(self, path: KeyPath) -> tuple[str, str]:
        """The text before and behind the value at `path`."""
        place = next(i for i, piece in enumerate(self.pieces) if piece.path == path)
        return tuple("".join(p.text for p in part) for part in (self.pieces[:place], self.pieces[place + 1 :]))


NOTHING_MORE: st.SearchStrategy[list[str]] = st.just([])
COMMENT = st.sampled_from(["# note", "#", "# iters: 99", "# 🙂 {[", " # indented: yes"])
TAIL = st.sampled_from(["", "", " # why", "   #x", "  "])
GAP = st.sampled_from([" ", " ", "  ", "   "])

SCALARS = {
    "model": ["org/name", '"org/name"', "'it''s'", '"caf\\u00e9 🙂"', "plain words, with [x]"],
    "train": ["true", "false", "yes"],
    "optimizer": ["adam", "adamw", "'sgd'", '"muon"'],
    "num_layers": ["8", "-1", "0x10"],
    "learning_rate": ["1e-5", "0.0001", "1.0E-4", "1"],
    "batch_size": ["1", "4"],
    "iters": ["100", "1_600", "+7"],
    "adapter_path": ["adapters", "'models/run 5'", "a#b"],
    "seed": ["42", "0"],
    "report_to": ["wandb,swanlab", "null", "~", "", '""'],
    "note_to_self": ["|\n  two\n  lines", ">-\n  folded\n  text", "several plain\n  lines"],
    "grad_accumulation_steps": ["16"],
    "mask_prompt": ["off", "True"],
}
BLOCKS = {
    "lora_parameters": [("rank", "8"), ("scale", "20.0"), ("dropout", "0.1"), ("keys", "[self_attn.q_proj]")],
    "lr_schedule": [("name", "cosine_decay"), ("arguments", "[1e-5, 100]"), ("warmup", "10")],
    "optimizer_config": [("adamw", "{weight_decay: 0.01}"), ("adam", "{}")],
}


@st.composite
def yaml_files(draw: st.DrawFn, more: st.SearchStrategy[list[str]] = NOTHING_MORE) -> YamlFile:
    """Valid configurations in block style at the root, with LF or CRLF, comments and odd spacing.

    `more` are entries to add as they are.
    """
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    indent = " " * draw(st.sampled_from([0, 0, 0, 2]))
    writer = _Writer(newline)
    writer.add(draw(st.sampled_from(["", "", "\ufeff"])))
    writer.add(draw(st.sampled_from(["", "", "---\n", "# head\n\n", "%YAML 1.1\n---\n"])))
    names = draw(st.lists(st.sampled_from([*SCALARS, *BLOCKS]), min_size=1, max_size=9, unique=True))
    for name in names:
        for comment in draw(st.lists(COMMENT, max_size=1)):
            writer.add(f"{indent}{comment}\n")
        if name in SCALARS:
            _scalar(draw, writer, indent, (name,), draw(st.sampled_from(SCALARS[name])))
        else:
            _block(draw, writer, indent, name)
        writer.add(draw(st.sampled_from(["", "", "\n", "\n# apart\n"])))
    for entry in draw(more):
        writer.add(f"{indent}{entry}\n".replace("\n", f"\n{indent}").removesuffix(indent))
    writer.add(draw(st.sampled_from(["", "", "# foot\n", "...\n"])))
    return writer.file(cut=draw(st.booleans()))


def _scalar(draw: st.DrawFn, writer: "_Writer", indent: str, path: KeyPath, text: str) -> None:
    key = draw(st.sampled_from([path[-1], path[-1], f'"{path[-1]}"', f"{path[-1]} "]))
    text = text.replace("\n", "\n" + indent)
    gap = draw(GAP) if text else ""
    tail = draw(TAIL) if "\n" not in text else ""
    writer.add(f"{indent}{key}:{gap}")
    writer.value(path, text)
    writer.add(f"{tail}\n")


def _block(draw: st.DrawFn, writer: "_Writer", indent: str, name: str) -> None:
    fewest = 3 if name == "lr_schedule" else 1
    children = draw(st.lists(st.sampled_from(BLOCKS[name]), min_size=fewest, unique=True))
    if draw(st.integers(0, 2)) == 0:
        gap = draw(st.sampled_from(["", " ", f"\n{indent}    "]))
        body = f",{gap or ' '}".join(f"{key}: {text}" for key, text in children)
        _scalar(draw, writer, indent, (name,), f"{{{gap}{body}{draw(st.sampled_from(['', ',']))}{gap}}}")
        return
    writer.add(f"{indent}{name}:{draw(TAIL)}\n")
    inner = indent + " " * draw(st.sampled_from([1, 2, 4]))
    for key, text in children:
        for comment in draw(st.lists(COMMENT, max_size=1)):
            writer.add(f"{inner}{comment}\n")
        if key == "keys" and draw(st.booleans()):
            dash = inner + draw(st.sampled_from(["", "  "]))
            writer.add(f"{inner}{key}:\n{dash}")
            writer.value((name, key), f"- self_attn.q_proj\n{dash}-   self_attn.v_proj")
            writer.add("\n")
        else:
            _scalar(draw, writer, inner, (name, key), text)


class _Writer:
    def __init__(self, newline: str) -> None:
        self._newline = newline
        self._pieces: list[Piece] = []

    def add(self, text: str) -> None:
        self._pieces.append(Piece(text.replace("\n", self._newline)))

    def value(self, path: KeyPath, text: str) -> None:
        self._pieces.append(Piece(text.replace("\n", self._newline), path))

    def file(self, cut: bool) -> YamlFile:
        from app.config.document import parse

        pieces = self._pieces
        last = max(i for i, piece in enumerate(pieces) if piece.text.strip())
        if cut and pieces[last].path is None:
            pieces = [*pieces[:last], Piece(pieces[last].text.rstrip("\r\n"))]
        file = YamlFile(pieces, {}, [piece.path for piece in pieces if piece.path])
        return YamlFile(pieces, parse(file.text, None).data, file.values)
