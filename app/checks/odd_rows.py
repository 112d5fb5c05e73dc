"""What mlx-lm makes of rows that are not as the others, by the codes that a scan of the data gives them."""

from dataclasses import dataclass
from enum import Enum

from app.checks.context import Context


class Stage(Enum):
    """When a row does its harm."""

    LOADING = "so mlx-lm cannot read the file"
    BATCH = "so mlx-lm fails when a batch holds it"
    LESSON = ""
    """It is trained."""


@dataclass(frozen=True)
class Harm:
    """`lesson` is what happens where that is not the same for all of a stage; `way_out` is what to do."""

    stage: Stage
    way_out: str
    why: str
    lesson: str = ""
    level: str = "warning"
    """Of a lesson; whatever keeps mlx-lm from training is an error."""

    @property
    def happens(self) -> str:
        return self.lesson or self.stage.value


_ALL_AT_ONCE = "mlx-lm reads every line of all three files as one JSON value before it trains."
_FIRST_ROW = "mlx-lm takes the format of a whole file from its first row."
_TEMPLATE = "The chat template puts role and content into the text as they are, and mlx-lm looks at neither."
_SAME_KEYS = "give it the keys of the first row, or delete it"

HARMS = {
    "blank-line": Harm(Stage.LOADING, "delete the line", _ALL_AT_ONCE),
    "byte-order-mark": Harm(Stage.LOADING, "save the file as UTF-8 without a byte order mark", _ALL_AT_ONCE),
    "not-text": Harm(Stage.LOADING, "save the file as UTF-8", _ALL_AT_ONCE),
    "json-array": Harm(Stage.LOADING, "put each row on a line of its own, without brackets around them", _ALL_AT_ONCE),
    "not-json": Harm(Stage.LOADING, "write one JSON object on the line, or delete it", _ALL_AT_ONCE),
    "unknown-format": Harm(Stage.LOADING, "rows need messages, or prompt and completion, or text", _FIRST_ROW),
    "not-object": Harm(Stage.BATCH, _SAME_KEYS, _FIRST_ROW),
    "other-format": Harm(Stage.BATCH, _SAME_KEYS, _FIRST_ROW),
    "missing-key": Harm(Stage.BATCH, _SAME_KEYS, _FIRST_ROW),
    "wrong-type": Harm(Stage.BATCH, "mend or delete the row", "A row is only looked at when its batch is tokenized."),
    "lone-surrogate": Harm(Stage.BATCH, "mend or delete the row", "No tokenizer takes half of a surrogate pair."),
    "empty-text": Harm(
        Stage.LESSON,
        "delete the row",
        "mlx-lm looks at the last token of every text.",
        "so mlx-lm fails when a batch holds it, unless the tokenizer begins each text with a token of its own",
    ),
    "wrong-content": Harm(
        Stage.LESSON,
        "mend or delete the row",
        _TEMPLATE,
        "so, as the chat template will have it, mlx-lm fails or trains something else than was meant",
    ),
    "content-parts": Harm(
        Stage.LESSON,
        "write it as one text",
        _TEMPLATE,
        "so a chat template that expects text trains the list with its brackets and quotes",
        level="note",
    ),
    "empty-completion": Harm(
        Stage.LESSON,
        "write an answer, or delete the row",
        "All that is left to learn is the end of the answer.",
        "so the model is taught to say nothing",
    ),
    "too-long": Harm(
        Stage.LESSON,
        "split it into several rows",
        "A row is one sequence, cut at max_seq_length.",
        "so nearly all of it is cut off",
    ),
}


LAST_NOT_ASSISTANT = "last-not-assistant"
"""The code of a conversation that somebody else ends: as good as any, unless the prompt is masked."""


def is_read_whole(context: Context, name: str, rows: int) -> bool:
    """Whether the run comes to every batch of a set, `train`, `valid` or `test`; else it is left to chance."""
    values = context.values
    if name == "train":
        return bool(values["iters"] >= rows // values["batch_size"])
    batches = values["val_batches" if name == "valid" else "test_batches"]
    return bool(batches == -1 or batches * values["batch_size"] >= rows)
