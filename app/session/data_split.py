"""A split as it is asked for: what is offered, and what a person typed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SplitTexts:
    """As typed. Shares are in percent."""

    valid: str = "10"
    test: str = "0"
    seed: str = "0"
    folder: str = ""


@dataclass(frozen=True)
class SplitWish:
    """Shares are from 0 to 1."""

    valid: float
    test: float
    seed: int
    folder: Path


def free_folder(data: str, start: Path) -> str:
    """The name of a folder beside `data` that is not there yet, written as `data` is."""
    base = Path(data)
    names = (base.with_name(f"{base.name or 'data'}-split{suffix}") for suffix in _suffixes())
    return str(next(name for name in names if not (start / name).exists()))


def _suffixes():
    yield ""
    number = 2
    while True:
        yield f"-{number}"
        number += 1


def split_wish(texts: SplitTexts, start: Path) -> SplitWish | str:
    """Or one sentence on what is no number; whether such a split can be made is for `split_rows` to say."""
    shares = []
    for name, text in (("valid", texts.valid), ("test", texts.test)):
        try:
            shares.append(float(text.strip().removesuffix("%") or 0) / 100)
        except ValueError:
            return f"{text!r} is no share of the rows for {name}: write a number of percent, such as 10."
    try:
        seed = int(texts.seed.strip() or 0)
    except ValueError:
        return f"{texts.seed!r} is no seed: write a whole number, such as 0."
    if not texts.folder.strip():
        return "A split is written into a folder of its own: name one that does not exist yet."
    return SplitWish(shares[0], shares[1], seed, start / Path(texts.folder.strip()).expanduser())
