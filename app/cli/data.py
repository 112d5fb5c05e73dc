"""`tunedeck data PATH`: what is in a dataset, what a model makes of it, and a split of it."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.cli.data_report import Told, as_json, lines
from app.cli.data_row import row_as_json, row_lines
from app.cli.known_data import tell_bytes, tell_rows
from app.cli.opening import complain
from app.cli.status_line import say
from app.config.config import Config, defaults, edit, native
from app.config.dialect import resolve
from app.config.document import ConfigError, read
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.row_view import RowLens
from app.data.splitting import Split, split_rows
from app.session.data_reading import count_tokens, scan_rows
from app.wire.text import printable

FINE, ODD, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
_YAML = (".yaml", ".yml")
_SETS = ("train", "valid", "test")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="a folder with train.jsonl, one .jsonl file, or a training configuration in YAML, whose model, data,"
        " fields, mask_prompt, max_seq_length and batch_size count then",
    )
    parser.add_argument("--model", metavar="M", help="count tokens as this model's tokenizer does: a folder or a name")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--row", type=int, metavar="N", help="show line N of train.jsonl as the model will see it")
    parser.add_argument("--set", choices=_SETS, default="train", help="the file that --row is about")
    parser.add_argument(
        "--split",
        type=_shares,
        metavar="V%[,T%]",
        help="draw so much of train.jsonl into valid.jsonl (and test.jsonl), in the new folder OUT",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the split (0)")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="the folder that --split makes")
    parser.epilog = (
        "Exit status: 0 fine, 1 some rows are odd, 2 unusable: a file that is not there or has no format that mlx-lm"
        " knows, or a row or split that cannot be made."
    )


def run(args: Namespace) -> int:
    """Exit status: see the epilog."""
    try:
        if args.split:
            return _split(args)
        asked = _asked(args.path, args.model)
        facts = scan_rows(asked.config, Path.cwd(), tell_bytes)
        say("")
        if not isinstance(facts, DatasetFacts):
            return _refuse(args, facts or "")
        return _show_row(args, asked, facts) if args.row is not None else _show(args, asked, facts)
    except ConfigError as error:
        return _refuse(args, str(error))
    except KeyboardInterrupt:
        say("")
        return INTERRUPTED


@dataclass(frozen=True)
class _Asked:
    """`config` is a configuration of the data, with mlx-lm's defaults where nothing was said."""

    data: Path
    config: Config
    has_model: bool


def _asked(path: Path, model: str | None) -> _Asked:
    """Raises ConfigError."""
    config, data = defaults(), path
    has_model = model is not None
    if path.suffix.lower() in _YAML:
        resolution = resolve(read(path))
        for problem in resolution.problems:
            raise ConfigError(problem.message, path, problem.line, problem.key)
        config = resolution.config
        if config.values["hf_dataset"]:
            raise ConfigError("Its data is of the hub: only files on this computer are looked at.", path, None)
        data = Path(str(config.values["data"]))
        if not data.is_dir():
            raise ConfigError(
                f"{data} is no folder here: only files on this computer are looked at.", path, None, "data"
            )
        has_model = True
    config = edit(config, "model", model) if model is not None else config
    return _Asked(data, edit(config, "data", str(data)), has_model)


def _show(args: Namespace, asked: _Asked, facts: DatasetFacts) -> int:
    lengths, note = _lengths(asked)
    told = Told(asked.data, asked.config, facts, lengths, note)
    if args.json:
        print(json.dumps(as_json(told), indent=2))
    else:
        print("\n".join(map(printable, lines(told))))
    if any(file.problem or file.format is None for file in facts.files):
        return UNUSABLE
    return ODD if any(file.odd_count for file in facts.files) else FINE


def _lengths(asked: _Asked) -> tuple[Lengths | None, str]:
    """And why they are not known, one sentence."""
    if not asked.has_model:
        return None, "Without a model no token is counted: name one with --model."
    with _as_folder(asked.data) as data:
        found = count_tokens(edit(asked.config, "data", str(data)), Path.cwd(), tell_rows)
        say("")
    return (found, "") if isinstance(found, Lengths) else (None, str(found or ""))


@contextmanager
def _as_folder(data: Path) -> Iterator[Path]:
    """mlx-lm knows folders alone: one file is put into one of its own."""
    if data.is_dir():
        yield data
        return
    with TemporaryDirectory(prefix="tunedeck-data-") as folder:
        (Path(folder) / "train.jsonl").symlink_to(data.absolute())
        yield Path(folder)


def _show_row(args: Namespace, asked: _Asked, facts: DatasetFacts) -> int:
    file = {"train": facts.train, "valid": facts.valid, "test": facts.test}[args.set]
    if file is None:
        return _refuse(args, f"{asked.data}: There is no {args.set}.jsonl here.")
    if not asked.has_model:
        return _refuse(args, "A row is tokenized by a model's tokenizer: name the model with --model.")
    lens = RowLens(Path.cwd())
    try:
        view = lens.view(file, args.row, native(asked.config))
    finally:
        lens.close()
    if isinstance(view, str):
        return _refuse(args, view)
    print(json.dumps(row_as_json(view), indent=2) if args.json else "\n".join(row_lines(file.path.name, view)))
    return FINE


def _split(args: Namespace) -> int:
    if args.output is None:
        return _refuse(args, "A split is written into a folder of its own: name it with -o OUT.")
    valid, test = args.split
    made = split_rows(args.path, args.output, valid, test, args.seed, tell_bytes)
    say("")
    if not isinstance(made, Split):
        return _refuse(args, made or "")
    if args.json:
        counts = {"train": made.train, "valid": made.valid, "test": made.test}
        rest = {"duplicates": made.duplicates, "blank": made.blank, "copied_test": made.copied_test}
        print(json.dumps({"folder": str(made.folder), **counts, **rest, "seed": args.seed}, indent=2))
        return FINE
    test_rows = ", test.jsonl copied" if made.copied_test else f", {made.test:,} to test" if made.test else ""
    print(printable(str(args.output)))
    print(f"  {made.train:,} rows to train, {made.valid:,} to validate{test_rows}")
    if made.duplicates:
        print(f"  {made.duplicates:,} rows stand there more than once: each is in the file of the first of its kind")
    if made.blank:
        print(f"  {made.blank:,} blank lines were left out")
    return FINE


def _refuse(args: Namespace, sentence: str) -> int:
    if args.json:
        print(json.dumps({"error": sentence}))
    return complain(sentence)


def _shares(text: str) -> tuple[float, float]:
    """`10%` or `10%,5%`, as shares of 1."""
    try:
        shares = [float(part.strip().removesuffix("%")) / 100 for part in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) not in (1, 2):
        raise ArgumentTypeError(f"{text!r} is no share of the rows: write 10%, or 10%,5% to draw a test set too.")
    return shares[0], shares[1] if len(shares) == 2 else 0.0
