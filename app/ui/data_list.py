"""The rows that are worth a look, one a line: of each file its first, then what is odd, then what stands twice."""

from textual.content import Content

from app.data.dataset import DatasetFacts
from app.session.data_look import odd_places
from app.ui.widgets.line_list import Line
from app.wire.text import printable


def row_lines(facts: DatasetFacts) -> tuple[list[Line], dict[str, str]]:
    """Lines whose ids begin with `train/17/` for line 17 of train.jsonl, and by id the whole sentence of each."""
    lines: list[Line] = []
    sentences: dict[str, str] = {}

    def add(id: str, mark: str, style: str, place: str, words: str, sentence: str = "") -> None:
        words = printable(words)
        lines.append(Line(id, Content.assemble((f"{mark} ", style), (f"{printable(place)}  ", "bold"), words)))
        sentences[id] = sentence or f"{printable(place)}: {words}. Enter shows the row."

    for name, file in (("train", facts.train), ("valid", facts.valid), ("test", facts.test)):
        if file is not None and file.rows:
            sentence = f"Enter shows any row of {name}.jsonl as the model will see it."
            add(f"{name}/1/any", "→", "$text-accent", f"{name}.jsonl", "rows, token by token", sentence)
    for number, odd in enumerate(odd_places(facts)):
        mark, style = ("=", "$text-accent") if odd.is_twin else ("▲", "$text-warning")
        add(f"{odd.set}/{odd.line}/{number}", mark, style, f"{odd.set}.jsonl:{odd.line}", odd.words)
    return lines, sentences
