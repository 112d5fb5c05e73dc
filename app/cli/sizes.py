"""Amounts of memory as people type and read them."""

import re
from argparse import ArgumentTypeError

_UNITS = {"": 1, "b": 1} | {
    f"{letter}{infix}b": base**power
    for power, letter in enumerate("kmgt", 1)
    for infix, base in (("", 1000), ("i", 1024))
}


def parse_size(text: str) -> int:
    """Bytes in `16GB` (of 1e9), `16GiB` (of 2**30), `11.8 gb` or `11840000000`. Raises ArgumentTypeError."""
    found = re.fullmatch(r"([\d_]*\.?\d+)\s*([a-z]*)", text.strip().lower())
    if found is None or found[2] not in _UNITS or not (size := round(float(found[1]) * _UNITS[found[2]])):
        raise ArgumentTypeError(f"{text!r} is no amount of memory: write one such as 16GB, 16GiB or 11840000000.")
    return size


def size_words(size: int) -> str:
    """In GB of 1e9 bytes, as mlx-lm reports; below a tenth of one in MB."""
    return f"{size / 1e9:.2f} GB" if size >= 10**8 else f"{size / 1e6:.2f} MB"
