"""The lines of the review."""

import pytest

from app.config.config import ALPHA, RANK, SCALE, Origin, defaults, edit
from app.config.dialect import resolve
from app.config.document import parse, read
from app.config.registry import PARAMETERS
from app.session.review import review_lines
from tests.config.stock_reader import stock_arguments


def lines(config, document):
    return {line.key: line for line in review_lines(config, document)}


def test_a_line_for_every_parameter_in_the_registrys_order():
    found = review_lines(defaults(), None)
    assert [line.key for line in found] == [parameter.key for parameter in PARAMETERS]
    assert not any(line.differs_from_file or line.stock for line in found)
    assert {line.origin for line in found} == {"default"}


def test_values_are_one_line_of_text():
    config = edit(defaults(), "lora_parameters.keys", ["self_attn.q_proj", "a, b"])
    config = edit(config, "model", "x\x1b[2J\ny")
    found = lines(config, None)
    assert found["learning_rate"].value == "1e-5" and found["train"].value == "false"
    assert found["seed"].value == "0" and found["report_to"].value == "-"
    assert found["lora_parameters.keys"].value == "[self_attn.q_proj, 'a, b']"
    assert found["optimizer_config"].value == "{adam: {}, adamw: {}, muon: {}, sgd: {}, adafactor: {}}"
    assert found["model"].value == "x\\x1b[2J\\ny"


def test_what_is_not_saved_yet_differs_from_the_file_and_so_does_mlx_lm():
    document = parse("iters: 100\nlora_parameters: {rank: 8, scale: 2, dropout: 0.0}\n", None)
    config = edit(resolve(document).config, "iters", 200)
    config = edit(config, "batch_size", 1, Origin.PRESET)
    found = lines(config, document)
    assert (found["iters"].value, found["iters"].origin, found["iters"].stock) == ("200", "typed", "100")
    assert (found["batch_size"].origin, found["batch_size"].stock) == ("preset", "4")
    assert {key for key, line in found.items() if line.differs_from_file} == {"iters", "batch_size"}
    assert (found[SCALE].origin, found[SCALE].stock) == ("file", None)


def test_a_flat_file_trains_otherwise_under_mlx_lm_until_it_is_saved():
    document = parse("lora_rank: 16\nlora_alpha: 16\nuse_dora: true\n", None)
    found = lines(resolve(document).config, document)
    assert not any(line.differs_from_file for line in found.values())
    assert {key: line.stock for key, line in found.items() if line.stock} == {
        RANK: "8", SCALE: "20.0", "fine_tune_type": "lora",
    }  # fmt: skip
    assert (found[ALPHA].value, found[ALPHA].stock) == ("16", None)


@pytest.mark.parametrize("text", ["lora_parameters: {rank: 4}", "lora_parameters: 5", "lora_parameters: [a]"])
def test_what_mlx_lm_lacks_is_nothing(text):
    document = parse(text, None)
    assert lines(resolve(document).config, document)[SCALE].stock == "-"


def test_values_of_any_kind_in_the_file_are_shown():
    text = (
        'learning_rate: "1e-5"\niters: 2e3\nmodel: 2024-01-02\nreport_to: {a: [1]}\nlora_parameters: {keys: q_proj}\n'
    )
    document = parse(text, None)
    found = lines(resolve(document).config, document)
    assert (found["learning_rate"].stock, found["iters"].stock) == ("'1e-5'", "2000.0")
    assert (found["model"].stock, found["report_to"].stock) == ("2024-01-02", "{a: [1]}")
    assert found["lora_parameters.keys"].stock == "q_proj"


def test_a_permission_of_this_session_is_not_in_the_file():
    found = lines(edit(defaults(), "trust_remote_code", True), parse("iters: 5\ntrust_remote_code: true\n", None))
    assert found["trust_remote_code"].stock == "false" and found["trust_remote_code"].differs_from_file


def test_the_column_of_mlx_lm_is_what_mlx_lm_reads(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text("model: m\nlora_rank: 16\nbatch_size: 8\nnum_layers: -1\nseed: null\ntext_feature: body\n")
    theirs = stock_arguments(path)
    config = edit(edit(edit(defaults(), "num_layers", 4), "seed", 9), "text_feature", "other")
    found = lines(config, read(path))
    for key in ("model", "batch_size", "num_layers", "seed", "text_feature"):
        assert found[key].stock == str(theirs[key])
    assert found["iters"].stock is None and theirs["iters"] == config.values["iters"]
