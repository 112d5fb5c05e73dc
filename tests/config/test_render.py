"""What is saved: mlx-lm trains from it what was shown, and nothing else in the file moves."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.config.config import READ_WHERE_PRESENT, Config, defaults, edit, native
from app.config.dialect import Resolution, resolve
from app.config.document import parse, read
from app.config.edits import CannotEdit
from app.config.registry import BY_KEY
from app.config.saving import difference, render, rewritten
from app.config.stock import alike, stock
from tests.config.stock_reader import stock_arguments
from tests.config.yaml_files import YamlFile, yaml_files

REFERENCE = Path(__file__).parent / "fixtures" / "reference.yaml"
RANK, SCALE, KEYS = "lora_parameters.rank", "lora_parameters.scale", "lora_parameters.keys"

EDITS: dict[str, st.SearchStrategy[Any]] = {
    "model": st.text(min_size=1, max_size=12).filter(str.strip),
    "train": st.booleans(),
    "use_dora": st.booleans(),
    "fine_tune_type": st.sampled_from(["lora", "dora", "full"]),
    "iters": st.integers(1, 10**6),
    RANK: st.integers(1, 128),
    SCALE: st.floats(0, 100),
    "lora_alpha": st.one_of(st.integers(1, 256), st.floats(0.1, 100)),
    KEYS: st.one_of(st.none(), st.lists(st.sampled_from(["self_attn.q_proj", "mlp.up_proj"]), min_size=1)),
    "learning_rate": st.floats(1e-8, 1e-2),
    "lr_schedule": st.one_of(
        st.none(), st.just({"name": "linear_schedule", "arguments": [1e-5, 0.0, 100], "warmup": 5})
    ),
    "optimizer_config": st.sampled_from([{}, {"adamw": {"weight_decay": 0.1, "betas": [0.9, 0.99]}}]),
    "hf_dataset": st.one_of(st.none(), st.just([{"path": "a/b", "config": {"x": 1}}, {"path": "c/d"}])),
    "text_feature": st.sampled_from(["text", "body"]),
    "resume_adapter_file": st.one_of(st.none(), st.just("a b/x.safetensors")),
    "report_to": st.sampled_from([None, "wandb", "wandb, swanlab"]),
}
FLAT_ENTRIES = st.lists(
    st.sampled_from(
        [
            "lora_rank: 4 # flat", "lora_alpha: 16", "lora_dropout: 0.25", "use_dora: true", "lora_layers: 3",
            "lora-rank: 5", "adapter_file: x/y.npz", "gradient_checkpointing: true", "unknown: [1, {a: b}]",
            "trust_remote_code: true", "prompt_feature: null", "note: &n text\nother: *n",
            "lora-parameters: {r: 2, alpha: 6}", "target_modules: [q_proj]", "train_on_inputs: false", "scale: 3.0",
        ]
    ),
    unique_by=lambda line: line.partition(":")[0],
)  # fmt: skip


def _resolved(text: str) -> Resolution:
    return resolve(parse(text, Path("train.yaml")))


def _saved(text: str, **edits: Any) -> str:
    resolution = _resolved(text)
    config = resolution.config
    for key, value in edits.items():
        config = edit(config, key, value)
    return render(resolution.document, config)


def _agree(path: Path, config: Config) -> None:
    theirs = stock_arguments(path)
    for key, value in native(config).items():
        assert alike(value, theirs[key]), key
    for key in READ_WHERE_PRESENT:
        assert alike(config.values[key], theirs.get(key, BY_KEY[key].default)), key


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=yaml_files(FLAT_ENTRIES), data=st.data())
def test_any_file_any_edit_trains_as_shown(file: YamlFile, data: Any, tmp_path: Path) -> None:
    resolution = _resolved(file.text)
    assert not resolution.problems
    config = resolution.config
    for key in data.draw(st.lists(st.sampled_from(list(EDITS)), max_size=4)):
        config = edit(config, key, data.draw(EDITS[key]))

    new = render(resolution.document, config)

    path = tmp_path / "train.yaml"
    path.write_bytes(new.encode())
    _agree(path, config)
    again = resolve(read(path))
    assert not again.problems
    for key, value in config.values.items():
        assert again.config.values[key] == (pytest.approx(value) if key == "lora_alpha" else value), key
    assert render(again.document, again.config) == new


@given(file=yaml_files())
def test_a_file_that_says_so_already_stays_byte_for_byte(file: YamlFile) -> None:
    resolution = _resolved(file.text)
    block = resolution.document.data.get("lora_parameters", {})
    assume(not block or {"rank", "scale", "dropout"} <= block.keys())
    assert render(resolution.document, resolution.config) == file.text


def test_the_reference_saved_by_us_trains_what_was_shown(tmp_path: Path) -> None:
    resolution = resolve(read(REFERENCE))
    text = render(resolution.document, resolution.config)
    path = tmp_path / "train.yaml"
    path.write_text(text)
    assert stock_arguments(REFERENCE)["lora_parameters"] == {"rank": 8, "dropout": 0.0, "scale": 20.0}
    assert stock_arguments(path)["lora_parameters"] == {"rank": 8, "dropout": 0.1, "scale": 1.0}
    assert [line for line in difference(resolution.document, text) if line[0] in "+-"][2:] == [
        "+lora_parameters:", "+  rank: 8", "+  scale: 1.0", "+  dropout: 0.1",
    ]  # fmt: skip
    assert not resolve(read(path)).notices


NESTED = """\
# run 7
model: org/name   # base
train: true
lora_parameters:
    rank: 8      # small
    scale: 2.0
    dropout: 0.05
    keys: ["self_attn.q_proj", 'self_attn.v_proj']

lr_schedule:
    name: cosine_decay
    warmup: 10  # updates
    arguments: [1e-5, 100, 1e-7]
iters: 100
""".replace("\n", "\r\n")


def test_a_nested_crlf_file_keeps_every_other_byte() -> None:
    assert _saved(NESTED, iters=200) == NESTED.replace("iters: 100", "iters: 200")
    assert _saved(NESTED, **{RANK: 16}) == NESTED.replace("rank: 8 ", "rank: 16 ")
    schedule = {"name": "cosine_decay", "warmup": 20, "arguments": [1e-5, 100, 1e-7]}
    assert _saved(NESTED, lr_schedule=schedule) == NESTED.replace("warmup: 10", "warmup: 20")


def test_native_stays_native_and_scale_stays_when_rank_changes() -> None:
    text = "lora_parameters:\n  rank: 8\n  scale: 2.0\n  dropout: 0.0\n"
    assert _saved(text, **{RANK: 16}) == text.replace("rank: 8", "rank: 16")
    assert _saved(text, lora_alpha=8) == text.replace("scale: 2.0", "scale: 1.0")


def test_flat_stays_flat_in_step_and_alpha_stays_when_rank_changes() -> None:
    text = "lora_rank: 8 # r\nlora_alpha: 8\nseed: 1\n"
    once = _saved(text, **{RANK: 16})
    assert once == (
        "lora_rank: 16 # r\nlora_alpha: 8\nlora_parameters:\n  rank: 16\n  scale: 0.5\n  dropout: 0.0\nseed: 1\n"
    )
    assert _saved(once, **{RANK: 4}) == once.replace("16", "4").replace("0.5", "2.0")


def test_use_dora_and_the_method_are_saved_in_step() -> None:
    assert _saved("use_dora: true\nfine_tune_type: lora\n") == "use_dora: true\nfine_tune_type: dora\n"
    assert _saved("use_dora: true\nfine_tune_type: dora\n", use_dora=False) == (
        "use_dora: false\nfine_tune_type: lora\n"
    )


def test_older_names_are_renamed_in_place() -> None:
    text = (
        "lora_layers: 4 # layers\nlearning-rate: 2e-5\nadapter_file: out/a.npz\nlora_parameters: {rank: 8, alpha: 16}\n"
    )
    assert _saved(text) == (
        "num_layers: 4 # layers\nlearning_rate: 2e-5\nadapter_path: out\n"
        "lora_parameters: {rank: 8, scale: 2.0, dropout: 0.0}\n"
    )


def test_bad_values_stay_until_they_are_mended() -> None:
    text = 'learning_rate: "1e-5" # mine\niters: 1e3\nseed: 1\n'
    assert _saved(text, seed=2) == text.replace("seed: 1", "seed: 2")
    assert _saved(text, learning_rate=1e-5) == text.replace('"1e-5"', "1e-5")
    block = "lora_parameters: 8\nseed: 1\n"
    assert _saved(block, seed=2) == block.replace("seed: 1", "seed: 2")
    assert _saved(block, **{RANK: 4}) == "lora_parameters:\n  rank: 4\n  scale: 20.0\n  dropout: 0.0\nseed: 1\n"


def test_what_is_no_number_does_not_stand_in_the_way_of_other_edits() -> None:
    text = "optimizer_config:\n  adamw:\n    eps: .nan\niters: 10\n"
    assert _saved(text, iters=20).startswith("optimizer_config:\n  adamw:\n    eps: .nan\niters: 20\n")


def test_new_entries_stand_with_their_group() -> None:
    text = "model: a\n\n# speed\nbatch_size: 1\n\n# out\nadapter_path: x\n"
    assert _saved(text, iters=5, data="d") == (
        "model: a\ndata: d\n\n# speed\nbatch_size: 1\niters: 5\n\n# out\nadapter_path: x\n"
    )


def test_optional_values_are_taken_out_again() -> None:
    text = "seed: 1\nreport_to: wandb # team\nlr_schedule:\n  name: step_decay\n  arguments: [1, 1, 1]\n# end\n"
    assert _saved(text, report_to=None, lr_schedule=None) == "seed: 1\n# end\n"


def test_a_new_file_is_commented_and_trains_as_shown(tmp_path: Path) -> None:
    config = edit(edit(defaults(), "lora_alpha", 16), "hf_dataset", {"path": "a/b"})
    path = tmp_path / "new.yaml"
    path.write_text(render(parse("", None), config))
    _agree(path, config)
    text = path.read_text()
    assert text.index("# Model & data") < text.index("model:") < text.index("# LoRA") < text.index("seed:")
    assert text.isascii()


def test_what_cannot_be_edited_can_be_rewritten(tmp_path: Path) -> None:
    text = "rate: &r 1e-5\nlearning_rate: &i 2e-5\nnote: [*i, *r]\niters: 5\n"
    resolution = _resolved(text)
    config = edit(resolution.config, "learning_rate", 3e-5)
    with pytest.raises(CannotEdit, match="learning_rate"):
        render(resolution.document, config)
    path = tmp_path / "train.yaml"
    path.write_text(rewritten(resolution.document, config))
    _agree(path, config)
    assert read(path).data["note"] == [2e-5, 1e-5] and read(path).data["rate"] == 1e-5
    assert _saved(text, iters=6) == text.replace("iters: 5", "iters: 6")


def test_a_flow_root_is_edited_too() -> None:
    assert _saved("{iters: 5, model: a} # all\n", iters=6, seed=3) == "{iters: 6, model: a, seed: 3} # all\n"
    assert stock(parse(_saved("{}\n", **{RANK: 4}), None)).config["lora_parameters"]["rank"] == 4


def test_permission_and_threshold_are_never_written() -> None:
    assert _saved("seed: 1\n", trust_remote_code=True, clear_cache_threshold=5) == "seed: 1\n"
