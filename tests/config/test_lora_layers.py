"""From a flat file, through our saving, to the LoRA layers that mlx-lm makes of it."""

from pathlib import Path

import pytest

from app.config.dialect import resolve
from app.config.document import parse, read
from app.config.saving import render
from app.config.stock import stock
from tests.config.stock_reader import stock_arguments
from tests.config.toy_training import toy

REFERENCE = Path(__file__).parent / "fixtures" / "reference.yaml"


def _layer(path: Path) -> tuple[int, float, float]:
    """Rank, scale and dropout of a layer that mlx-lm made from the arguments it read in a file."""
    lora = toy(1, **stock_arguments(path)["lora_parameters"]).layers[-1].proj
    return lora.lora_a.shape[1], lora.scale, 1 - lora.dropout._p_1


def test_the_layers_are_what_was_shown(tmp_path: Path) -> None:
    resolution = resolve(read(REFERENCE))
    saved = tmp_path / "saved.yaml"
    saved.write_text(render(resolution.document, resolution.config))
    assert _layer(REFERENCE) == (8, 20.0, 0.0)
    assert _layer(saved) == (8, 1.0, pytest.approx(0.1))


@pytest.mark.parametrize("block", ["{rank: 4, dropout: 0.0}", "{rank: 4, alpha: 8, dropout: 0.0}"])
def test_the_failure_we_foretell_is_the_one_that_comes(block: str) -> None:
    from mlx_lm.tuner.utils import linear_to_lora_layers

    document = parse(f"lora_parameters: {block}\n", None)
    reading = stock(document)
    assert "lacks scale" in str(reading.failure)
    with pytest.raises(KeyError, match="scale"):
        linear_to_lora_layers(toy(1), 1, reading.config["lora_parameters"])
    mended = render(document, resolve(document).config)
    assert toy(1, **stock(parse(mended, None)).config["lora_parameters"])
