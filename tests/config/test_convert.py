"""Between the dialects: the same training, comments in place."""

from pathlib import Path

from hypothesis import given, settings

from app.config.convert import convert
from app.config.dialect import Dialect, resolve
from app.config.document import parse, read
from app.config.stock import alike
from tests.config.yaml_files import YamlFile, yaml_files

REFERENCE = Path(__file__).parent / "fixtures" / "reference.yaml"


def test_the_reference_becomes_native() -> None:
    document = read(REFERENCE)
    text = convert(document, Dialect.NATIVE)
    new = resolve(parse(text, None))
    assert new.dialect is Dialect.NATIVE and not new.notices
    assert new.config.values == resolve(document).config.values
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in document.text.splitlines() if line.startswith("#")
    ]


def test_native_becomes_flat_beside_what_mlx_lm_reads() -> None:
    text = "lora_parameters: # ours\n  rank: 16\n  scale: 0.5\n  dropout: 0.1\nseed: 1\n"
    assert convert(parse(text, None), Dialect.FLAT) == (
        "lora_parameters: # ours\n  rank: 16\n  scale: 0.5\n  dropout: 0.1\n"
        "lora_rank: 16\nlora_alpha: 8\nlora_dropout: 0.1\nuse_dora: false\nseed: 1\n"
    )


def test_nothing_to_convert() -> None:
    assert convert(parse("seed: 1\n", None), Dialect.NATIVE) == "seed: 1\n"
    flat = convert(parse("use_dora: true\n", None), Dialect.FLAT)
    assert resolve(parse(flat, None)).config.values["fine_tune_type"] == "dora"
    assert convert(parse("use_dora: true\n", None), Dialect.NATIVE) == "fine_tune_type: dora\n"


@settings(max_examples=50)
@given(file=yaml_files())
def test_there_and_back_trains_the_same(file: YamlFile) -> None:
    before = resolve(parse(file.text, None)).config
    flat = convert(parse(file.text, None), Dialect.FLAT)
    back = convert(parse(flat, None), Dialect.NATIVE)
    for text in (flat, back):
        assert alike(dict(resolve(parse(text, None)).config.values), dict(before.values))
