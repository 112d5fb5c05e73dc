"""New configurations: sound under our own checks, and the same for mlx-lm."""

import pytest

from app.config.config import ALPHA, RANK, SCALE, native
from app.config.derived import derive
from app.config.dialect import resolve
from app.config.document import parse, read
from app.config.stock import alike, differences, stock
from app.session.fresh_start import new_text
from tests.config.stock_reader import stock_arguments


def values(start, model="org/Model-3B", data="rows/poems", rows=1600, depth=36, **options):
    document = parse(new_text(model, data, start, rows, depth, **options), None)
    resolution = resolve(document)
    assert not resolution.notices and not resolution.problems
    assert not differences(document, resolution.config) and not stock(document).failure
    return resolution.config.values


def test_the_reference_s_recommendations(tmp_path):
    found = values(tmp_path)
    wanted = {"model": "org/Model-3B", "train": True, "data": "rows/poems", "optimizer": "adamw", "seed": 42,
              "num_layers": 12, RANK: 8, ALPHA: 8, SCALE: 1.0, "batch_size": 2, "iters": 1600, "max_seq_length": 1024,
              "steps_per_report": 10, "steps_per_eval": 80, "save_every": 320,
              "adapter_path": "adapters/poems-1"}  # fmt: skip
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 40, 99, 150, 1001, 12_345, 1_000_000])
@pytest.mark.parametrize("valid_rows", [None, 0, 1, 20])
def test_any_number_of_rows(tmp_path, rows, valid_rows):
    found = values(tmp_path, rows=rows, valid_rows=valid_rows)
    assert 1 <= found["batch_size"] <= min(rows, valid_rows or rows)
    assert found["iters"] == pytest.approx(2 * rows / found["batch_size"], abs=2)
    config = resolve(parse(new_text("m", "d", tmp_path, rows, 36, valid_rows), None)).config
    derived = derive(config, rows, valid_rows)
    assert derived.updates >= 1 and derived.epochs == pytest.approx(2, abs=0.01)
    assert 1 <= found["steps_per_report"] <= 10
    assert derived.checkpoints <= max(8, found["iters"] // 1000 + 1)
    assert derived.evaluations <= max(25, found["iters"] // 500 + 2)


def test_a_long_run_still_shows_its_progress(tmp_path):
    found = values(tmp_path, rows=1_000_000)
    assert (found["steps_per_report"], found["steps_per_eval"], found["save_every"]) == (10, 500, 1000)


@pytest.mark.parametrize(("depth", "layers"), [(2, 2), (12, 12), (36, 12), (None, 12), (0, 12)])
def test_layers_are_no_more_than_the_model_has(tmp_path, depth, layers):
    assert values(tmp_path, depth=depth)["num_layers"] == layers


@pytest.mark.parametrize("rows", [None, 0])
def test_without_rows_the_iterations_are_mlx_lms(tmp_path, rows):
    assert values(tmp_path, rows=rows)["iters"] == 1000


@pytest.mark.parametrize(
    ("model", "data", "name"),
    [
        ("org/Model-3B", "data", "Model-3B"),
        ("org/Model-3B", "/home/me/My data (new)/", "My-data-new"),
        ("org/Model-3B", ".", "Model-3B"),
        ("/", "..", "run"),
        ("x", "org/name", "name"),
        ("x", "y" * 300, "y" * 60),
    ],
)
def test_the_adapter_is_named_after_data_or_model(tmp_path, model, data, name):
    assert values(tmp_path, model=model, data=data)["adapter_path"] == f"adapters/{name}-1"


def test_the_adapter_gets_a_folder_that_is_not_there_yet(tmp_path):
    for taken in ("poems-1", "poems-2"):
        (tmp_path / "adapters" / taken).mkdir(parents=True)
    (tmp_path / "adapters" / "poems-3").symlink_to("gone")
    assert values(tmp_path)["adapter_path"] == "adapters/poems-4"


@pytest.mark.parametrize("name", ["a: b # c", "é\n'x'", "[/x]", "1e-5", "null", "-", "\x1b[0m", "x" * 300])
def test_any_names_are_what_mlx_lm_reads(tmp_path, name):
    path = tmp_path / "new.yaml"
    path.write_text(new_text(name, name, tmp_path, 10, 4))
    theirs, ours = stock_arguments(path), native(resolve(read(path)).config)
    assert theirs["model"] == theirs["data"] == name
    assert all(alike(value, theirs[key]) for key, value in ours.items())


def test_the_text_is_commented_and_native(tmp_path):
    text = new_text("m", "d", tmp_path, 100, 4)
    assert "# Model & data: " in text and "lora_rank" not in text and "lora_parameters:\n  rank: 8" in text
