"""The cache is the one that huggingface_hub keeps: laid out by its own functions, and compared with what it finds."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.file_download import (
    _cache_commit_hash_for_specific_revision,
    _create_symlink,
    repo_folder_name,
)
from mlx_lm.utils import DEFAULT_ALLOW_PATTERNS

from app.models.cache import cached_models, find_model
from app.models.facts import ModelError, Quantization, Source
from app.models.hub_home import is_repository
from tests.models.architectures import build

COMMIT, OLDER = "a" * 40, "b" * 40
HF_VARIABLES = [
    "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN_PATH", "HF_ENDPOINT",
    "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE",
]  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in HF_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("llama"), "llama")


def download(cache: Path, name: str, model: Path, commit: str = COMMIT, revision: str = "main") -> Path:
    """Put a model into the cache as a download does: blobs, links to them, and the revision's name."""
    repository = cache / repo_folder_name(repo_id=name, repo_type="model")
    snapshot = repository / "snapshots" / commit
    for folder in (repository / "blobs", snapshot):
        folder.mkdir(parents=True, exist_ok=True)
    for file in model.iterdir():
        content = file.read_bytes()
        blob = repository / "blobs" / hashlib.sha256(content).hexdigest()
        blob.write_bytes(content)
        _create_symlink(str(blob), str(snapshot / file.name), new_blob=True)
    _cache_commit_hash_for_specific_revision(str(repository), revision, commit)
    return snapshot


def test_models_and_sizes_are_those_that_the_client_finds(cache, llama, tmp_path):
    download(cache, "gpt2", build(tmp_path / "one", "gemma2", 4))
    download(cache, "org/With.Dots-and_more", llama)
    download(cache, "org/With.Dots-and_more", llama, OLDER, "v1")
    found = {repo.repo_id: repo for repo in huggingface_hub.scan_cache_dir(cache).repos}
    models = cached_models()
    assert [model.name for model in models] == sorted(found)
    for model in models:
        revision = found[model.name].refs["main"]
        assert model.folder == revision.snapshot_path
        files = [file for file in revision.files if file.file_name == "model.safetensors"]
        assert model.weight_bytes == sum(file.size_on_disk for file in files) > 0
        assert model.is_complete
        assert model.layers == 3
        assert model.cannot_train is None
    assert models[0].quantization == Quantization(4, 32)
    assert models[1].quantization is None


@pytest.mark.parametrize("name", ["gpt2", "org/name", "org/With.Dots-and_more"])
def test_a_name_is_found_where_mlx_lm_finds_it(cache, llama, tmp_path, name):
    assert find_model(name, tmp_path) is None
    download(cache, name, llama, OLDER)
    download(cache, name, llama)
    facts = find_model(name, tmp_path)
    theirs = huggingface_hub.snapshot_download(
        name, cache_dir=cache, local_files_only=True, allow_patterns=DEFAULT_ALLOW_PATTERNS
    )
    assert facts.folder == Path(theirs)
    assert (facts.name, facts.source, facts.layers) == (name, Source.CACHE, 3)
    assert huggingface_hub.try_to_load_from_cache(name, "config.json", cache_dir=cache) == str(
        facts.folder / "config.json"
    )


def test_a_folder_that_is_here_comes_first(cache, llama, tmp_path):
    download(cache, "org/name", llama)
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "name").symlink_to(llama)
    facts = find_model("org/name", tmp_path)
    assert (facts.source, facts.folder) == (Source.FOLDER, tmp_path / "org" / "name")
    assert find_model(str(llama), tmp_path).source is Source.FOLDER
    assert find_model("org/name", tmp_path / "org").source is Source.CACHE
    with pytest.raises(ModelError, match=r"has no config\.json"):
        find_model("org", tmp_path)


def test_half_a_download_is_listed_as_such(cache, llama, tmp_path):
    snapshot = download(cache, "org/name", llama)
    weights = snapshot / "model.safetensors"
    weights.resolve().unlink()
    assert weights.is_symlink()
    assert [(model.is_complete, model.weight_bytes) for model in cached_models()] == [(False, 0)]
    assert find_model("org/name", tmp_path).missing_files == ("model.safetensors",)


def test_what_is_no_model_is_left_out(cache, llama, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "tokenizer.json").write_text("{}")
    download(cache, "org/tokenizer", other)
    (other / "config.json").write_text('{"architectures": []}')
    download(cache, "org/untyped", other)
    (other / "config.json").write_text("{")
    download(cache, "org/garbled", other)
    download(cache, "org/branch", llama, revision="other")
    download(cache, "org/gone", llama)
    (cache / "models--org--gone" / "refs" / "main").write_text("c" * 40)
    download(cache, "org/escaping", llama)
    (cache / "models--org--escaping" / "refs" / "main").write_text("../../models--org--name/snapshots/" + COMMIT)
    (cache / "datasets--org--name").mkdir()
    (cache / "models--stray").write_text("a file")
    (cache / "version.txt").write_text("1")
    download(cache, "org/name", llama)
    assert [model.name for model in cached_models()] == ["org/name"]
    for name in ("org/tokenizer", "org/branch", "org/gone", "org/escaping"):
        assert find_model(name, tmp_path) is None
    with pytest.raises(ModelError, match="is not JSON"):
        find_model("org/garbled", tmp_path)


@pytest.mark.parametrize("name", ["", "a/b/c", "org/../x", "../x", "~/x", "a" * 300, "a\0b", "org/", "/nowhere", "é/x"])
def test_what_is_no_name_is_not_found(cache, tmp_path, name):
    assert find_model(name, tmp_path / "start") is None


def test_no_cache_has_no_models(cache):
    assert cached_models() == []
    cache.write_text("a file")
    assert cached_models() == []


def test_a_type_that_mlx_lm_lacks_is_said(cache, llama, tmp_path):
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "config.json").write_text(json.dumps({"model_type": "bert"}))
    download(cache, "org/bert", changed)
    assert "bert" in cached_models()[0].cannot_train


@pytest.mark.parametrize(
    "name",
    [
        *("gpt2", "org/name", "o.r-g/na_me.1", "a/b/c", "", "/", "a/", "/a", "-a", "a-", ".a", "a.", "a--b", "a..b"),
        *("a/b.git", "a.git/b", "a b", "é/x", "a\n", "x" * 96, "x" * 97, "_a_/_b_", "../x", "~/x", "A/1", "a/-b"),
    ],
)
def test_a_name_is_one_where_the_client_says_so(name):
    try:
        huggingface_hub.utils.validate_repo_id(name)
    except huggingface_hub.errors.HFValidationError:
        assert not is_repository(name)
    else:
        assert is_repository(name)


PROGRAM = """
import importlib, json, os, sys
from huggingface_hub import constants
from app.models import hub_home
answers = []
for environment in json.loads(sys.argv[1]):
    for variable in json.loads(sys.argv[2]):
        os.environ.pop(variable, None)
    os.environ.update(environment)
    importlib.reload(constants)
    theirs = [constants.HF_HUB_CACHE, constants.ENDPOINT, constants.HF_HUB_OFFLINE]
    ours = [str(hub_home.cache_folder()), hub_home.endpoint(), hub_home.is_offline()]
    answers.append([ours, theirs])
print(json.dumps(answers))
"""


def test_the_environment_is_read_as_the_client_reads_it():
    environments = [
        {},
        {"XDG_CACHE_HOME": "/xdg"},
        {"XDG_CACHE_HOME": "/xdg", "HF_HOME": "~/hf"},
        {"HF_HOME": "$HOME/hf"},
        {"HF_HOME": "/hf", "HUGGINGFACE_HUB_CACHE": "/old"},
        {"HUGGINGFACE_HUB_CACHE": "~/old", "HF_HUB_CACHE": "$HOME/new"},
        {"HF_HUB_CACHE": "~nobody-here/x"},
        {"HF_ENDPOINT": "http://mirror/"},
        *({"HF_HUB_OFFLINE": value} for value in ("1", "true", "Yes", "0", "", "no")),
        {"TRANSFORMERS_OFFLINE": "on"},
        {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"},
    ]
    arguments = [json.dumps(environments), json.dumps(HF_VARIABLES)]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    for ours, theirs in json.loads(done.stdout):
        assert ours == theirs
