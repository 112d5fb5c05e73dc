from argparse import ArgumentTypeError

import pytest

from app.cli.sizes import parse_size, size_words


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16GB", 16_000_000_000),
        ("16GiB", 17_179_869_184),
        (" 11.8 gb ", 11_800_000_000),
        ("17.76GiB", 19_069_654_794),
        ("11840000000", 11_840_000_000),
        ("17_179_869_184", 17_179_869_184),
        ("512MiB", 512 << 20),
        ("1tb", 10**12),
        (".5kB", 500),
    ],
)
def test_sizes_as_people_type_them(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "0", "0.0001B", "16 GG", "1e9", "16GB RAM", "nan", "1.2.3GB"])
def test_what_is_no_size_is_refused_with_an_example(text):
    with pytest.raises(ArgumentTypeError, match="16GB"):
        parse_size(text)


def test_sizes_as_people_read_them():
    assert [size_words(size) for size in (7_230_000_000, 100_000_000, 6_660_880, 0)] == [
        "7.23 GB", "0.10 GB", "6.66 MB", "0.00 MB",
    ]  # fmt: skip
