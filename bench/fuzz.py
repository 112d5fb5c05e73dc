"""Thousands of spoiled YAML files and rows: each is answered in time, without a traceback, and no file is lost.

`python -m bench fuzz`, some minutes. What goes wrong is printed with its bytes, by which it is made again.
"""

import contextlib
import random
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

from app.checks.file_findings import findings_of
from app.checks.mending import mend
from app.checks.ready import changed, context_at
from app.config.config import Config, defaults, edit, native
from app.config.convert import convert
from app.config.dialect import Dialect, resolve
from app.config.document import ConfigError, Document, read
from app.config.saving import CannotEdit, SaveError, render, rewritten, save
from app.data.dataset import DatasetFacts, FileFacts
from app.data.lengths import Lengths
from app.data.lengths_learning import learn_lengths
from app.data.row_view import RowLens
from app.data.scan_learning import learn_dataset
from app.runs.demo import prepare_demo
from app.session.store import Session
from bench.row import Row

_VALUE = re.compile(rb":[ ]*([^,:}\n]+)")

SEED = 20_261_128
FILES, ROWS = 10_000, 10_000
ROWS_A_FILE, ROWS_SHOWN = 500, 300
PATIENCE = 60
"""Seconds for one spoiled file, which takes 0.1 at most; what takes so much longer hangs, however busy the computer."""
_PATIENCE_ROWS = 300
"""The same for a file of rows, for which processes are started."""

_YAML = (
    b"model: model\ndata: data\ntrain: true\nfine_tune_type: lora\n"
    b"lora_parameters: {rank: 8, scale: 2.0, dropout: 0.0}\n"
    b"learning_rate: 1e-5\nlr_schedule:\n  name: cosine_decay\n  warmup: 10\n  arguments: [1e-5, 1000, 1e-7]\n",
    b"# reference\nmodel: HuggingFaceTB/SmolLM3-3B\nlora_rank: 8\nlora_alpha: 8\nlora_dropout: 0.1\nuse_dora: false\n"
    b"batch_size: 1\niters: 1600\nmax_seq_length: 800\ngrad_accumulation_steps: 16\nadapter_path: run5\nseed: 42\n",
    b"model: &m model\ndata: *m\ntrain: yes\ntest: 'false'\niters: \"1e3\"\n"
    b"optimizer_config: {adamw: {weight_decay: 0.01}}\n"
    b"hf_dataset: [{path: a/b, train_split: 'train[:90%]'}]\nlora_layers: 4\nmask_prompt: true\n",
)
_ROWS = (
    b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}',
    b'{"prompt": "one", "completion": "two"}',
    b'{"text": "once upon a time"}',
    b'{"messages": [{"role": "system", "content": [{"type": "text", "text": "x"}]}], "tools": [{"type": "function"}]}',
)
_SPLINTERS = (
    b"\x00", b"\x1b[31m", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\xef\xbb\xbf", b"\r", b"\t", b"\xe2\x80\xa8", b"[/x]",
    b"[" * 300, b"{" * 300, b"- " * 200, b"1" * 5000, b"1e999", b"-0", b".nan", b"NaN", b"null", b"~",
    b"!!python/name:os",
    b"&a [*a]", b"<<: *m", b"? ", b": ", b"|", b"'", b'"', b"#", b"%", b"---\n", b"\n\n", b"true", b"\xf0\x9f\x92\xa9",
)  # fmt: skip


def run() -> list[Row]:
    drawing = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        return [_files(place, drawing), *_rows(place, drawing)]


def _spoil(whole: bytes, drawing: random.Random) -> bytes:
    """One to three small harms: between two bytes, in place of a value, or a part that stands twice or not at all."""
    for _ in range(drawing.choice((1, 1, 2, 3))):
        at, length = drawing.randrange(len(whole) + 1), drawing.randint(0, 12)
        splinter = drawing.choice((drawing.choice(_SPLINTERS), bytes([drawing.randrange(256)]), b"%d" % (at - 20)))
        values = [match.span(1) for match in _VALUE.finditer(whole)]
        start, end = (
            drawing.choice(values) if values and drawing.random() < 0.5 else (at, at + drawing.choice((0, length)))
        )
        piece = drawing.choice((splinter, splinter, b"", whole[start : start + length] * 2))
        whole = whole[:start] + piece + whole[end:]
    return whole


def _files(place: Path, drawing: random.Random) -> Row:
    told: Counter[str] = Counter()
    file, out = place / "train.yaml", place / "out.yaml"
    for _ in range(FILES):
        content = _spoil(drawing.choice(_YAML), drawing)
        file.write_bytes(content)
        out.unlink(missing_ok=True)
        what = "fault"
        with _judged(told, content):
            what = _through_all(file, out, drawing)
            assert file.read_bytes() == content, "the file itself was touched"
            left = {each.name for each in place.iterdir()}
            assert left <= {"train.yaml", "out.yaml"}, f"something was left behind: {left}"
        told[what] += 1
    detail = ", ".join(f"{count:,} {what}" for what, count in told.most_common())
    return Row(f"fuzz: {FILES:,} spoiled YAML files", f"{told['fault']} faults", detail)


def _through_all(file: Path, out: Path, drawing: random.Random) -> str:
    """What a person's file goes through: opened, resolved, checked, mended, edited, saved, converted. And what came."""
    try:
        document = read(file)
    except ConfigError as error:
        assert str(error).count("\n") == 0, "more than a sentence"
        return "refused in a sentence"
    resolution = resolve(document)
    context = context_at(resolution.config, file.parent)
    findings_of(resolution, context)
    mended, _ = mend(context, changed)
    session = Session()
    session.open(file)
    session.edit("iters", str(drawing.randint(-5, 5000)))
    what = "saved"
    for text in _texts(document, mended.config, session):
        if text is None:
            what = "not edited in place, but written anew"
            continue
        with contextlib.suppress(SaveError):
            resolve(save(out, text, None))
    with contextlib.suppress(CannotEdit, ConfigError):
        convert(document, Dialect.NATIVE)
    return what


def _texts(document: Document, config: Config, session: Session) -> Iterator[str | None]:
    try:
        yield render(document, config)
    except CannotEdit:
        yield None
        yield rewritten(document, config)
    try:
        yield session.rendered()
    except CannotEdit:
        yield session.rewritten()


@contextlib.contextmanager
def _judged(told: Counter[str], content: bytes, patience: int = PATIENCE) -> Iterator[None]:
    """Counts a fault for whatever is raised, and for what takes too long."""

    def late(*_: object) -> None:
        raise TimeoutError(f"it took more than {patience} s")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(patience)
    try:
        yield
    except Exception as error:
        told["fault"] += 1
        print(f"FAULT {type(error).__name__}: {error}: {content!r}", file=sys.stderr, flush=True)
    finally:
        signal.alarm(0)


def _rows(place: Path, drawing: random.Random) -> Iterator[Row]:
    """Scanned, counted in tokens and shown, by processes with the demo's real tokenizer."""
    model = prepare_demo().parent / "model"
    told: Counter[str] = Counter()
    lens = RowLens(place)
    try:
        for at in range(ROWS // ROWS_A_FILE):
            data = place / f"data{at}"
            data.mkdir()
            sound = drawing.choice(_ROWS)
            lines = [sound, *(_spoil(sound, drawing) for _ in range(ROWS_A_FILE - 1))]
            content = b"\n".join(line.replace(b"\n", b" ") for line in lines)
            (data / "train.jsonl").write_bytes(content)
            with _judged(told, str(data).encode(), _PATIENCE_ROWS):
                _read_all(data, model, lens, told, drawing)
                assert (data / "train.jsonl").read_bytes() == content, "the rows themselves were touched"
    finally:
        lens.close()
    detail = ", ".join(f"{count:,} {what}" for what, count in told.most_common())
    yield Row(f"fuzz: {ROWS:,} spoiled rows", f"{told['fault']} faults", detail)


def _read_all(data: Path, model: Path, lens: RowLens, told: Counter[str], drawing: random.Random) -> None:
    config = reduce(_edited, {"model": str(model), "data": str(data), "train": True}.items(), defaults())
    facts = learn_dataset(data, native(config), data.parent / "scans")
    assert isinstance(facts, DatasetFacts) and facts.train, facts
    told["rows scanned"] += facts.train.rows
    told["of them odd"] += facts.train.odd_count
    counted = learn_lengths(native(config), data.parent, data.parent / "lengths")
    assert isinstance(counted, Lengths | str) and "Traceback" not in str(counted), counted
    told["files counted in tokens" if isinstance(counted, Lengths) else "files refused in a sentence"] += 1
    for _ in range(ROWS_SHOWN * ROWS_A_FILE // ROWS):
        _show(facts.train, native(config), lens, told, drawing)


def _show(file: FileFacts, config: dict[str, Any], lens: RowLens, told: Counter[str], drawing: random.Random) -> None:
    view = lens.view(file, drawing.randint(1, file.rows), config)
    assert "ended before its time" not in str(view), "a row ended the process that shows it"
    told["rows refused in a sentence" if isinstance(view, str) else "rows shown"] += 1


def _edited(config: Config, change: tuple[str, object]) -> Config:
    return edit(config, *change)
