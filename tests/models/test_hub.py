"""What the hub tells, from a small server on this machine that stands for it; never run against the real one."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import prod
from pathlib import Path

import huggingface_hub
import pytest

from app.models import hub_client, hub_home
from app.models.facts import ModelError, Source
from app.models.folder import read_model
from app.models.headers import read_header
from app.models.hub import ask_hub
from tests.models.architectures import build

NAME = "org/name"
API, CONFIG = f"/api/models/{NAME}", f"/{NAME}/resolve/main/config.json"


class Hub(ThreadingHTTPServer):
    """Answers by path: (status, headers, body); what it was asked for stands in `asked`."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.release = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def holds(self, model: Path, **changes: object) -> None:
        """Tell of the model in a folder as the hub does, with changes to the metadata."""
        counts: Counter[str] = Counter()
        for tensor in read_header(model / "model.safetensors").values():
            counts[tensor.dtype] += prod(tensor.shape)
        files = [{"rfilename": file.name, "size": file.stat().st_size} for file in model.iterdir()]
        told = {
            "id": NAME,
            "siblings": files,
            "safetensors": {"parameters": counts, "total": counts.total()},
            "config": {"tokenizer_config": {"chat_template": "{{ x }}"}},
        }
        self.answers[API] = (200, {}, json.dumps(told | changes).encode())
        self.answers[CONFIG] = (200, {}, (model / "config.json").read_bytes())


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append((path, self.headers["Authorization"]))
        status, headers, body = self.server.answers.get(path, (401, {"X-Error-Code": "RepoNotFound"}, b""))
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        if status == 299:
            self.server.release.wait(10)
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.release.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for variable in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    for server in serve():
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def elsewhere() -> Iterator[Hub]:
    yield from serve()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {
        "float": build(tmp_path_factory.mktemp("float"), "llama"),
        "4-bit": build(tmp_path_factory.mktemp("packed"), "llama", 4),
        "mixed": build(tmp_path_factory.mktemp("mixed"), "qwen3_moe", 4),
    }


@pytest.mark.parametrize("kind", ["float", "4-bit", "mixed"])
def test_facts_are_those_of_the_files(hub, models, kind):
    hub.holds(models[kind])
    facts, whole = ask_hub(NAME), read_model(models[kind], NAME, Source.FOLDER)
    assert (facts.source, facts.folder, facts.tensors) == (Source.HUB, None, {})
    assert facts.has_chat_template
    assert facts.parameters == (None if kind == "mixed" else whole.parameters)
    for name in ("name", "model_type", "layers", "hidden_size", "vocabulary", "weight_bytes", "dtype", "quantization"):
        assert getattr(facts, name) == getattr(whole, name), name
    assert facts.cannot_train is None


def test_the_stand_in_speaks_as_the_clients_own_library_expects(hub, models, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)  # read when it was imported
    hub.holds(models["4-bit"])
    told = huggingface_hub.HfApi(hub.address, token=False).model_info(NAME, files_metadata=True)
    assert {sibling.rfilename for sibling in told.siblings} == {file.name for file in models["4-bit"].iterdir()}
    assert told.safetensors.total == sum(told.safetensors.parameters.values())


def test_counts_that_the_files_do_not_bear_out_are_not_believed(hub, models):
    hub.holds(models["4-bit"], safetensors={"parameters": {"U32": 10**9}, "total": 10**9})
    facts = ask_hub(NAME)
    assert (facts.weight_bytes, facts.parameters) == (None, None)


@pytest.mark.parametrize("safetensors", [None, 3, {}, {"parameters": {"BF16": "1"}}, {"parameters": {"F99": 1}}])
def test_counts_that_are_not_there_or_not_known_leave_bytes_unknown(hub, models, safetensors):
    hub.holds(models["float"], safetensors=safetensors)
    assert ask_hub(NAME).weight_bytes is None


def test_what_is_packed_in_an_unknown_way_has_bytes_and_no_count(hub, models):
    hub.holds(models["float"])
    config = json.loads(hub.answers[CONFIG][2]) | {"quantization_config": {"quant_method": "gptq"}}
    hub.answers[CONFIG] = (200, {}, json.dumps(config).encode())
    facts = ask_hub(NAME)
    assert facts.weight_bytes
    assert facts.parameters is None


@pytest.mark.parametrize("siblings", [[{"rfilename": "model.gguf", "size": 3}], [{"rfilename": "pytorch_model.bin"}]])
def test_other_weights_cannot_be_trained(hub, models, siblings):
    hub.holds(models["float"], siblings=siblings)
    assert "no model*.safetensors" in ask_hub(NAME).cannot_train


@pytest.mark.parametrize("changes", [{"siblings": 3}, {"siblings": [3, {}]}, {"config": []}, {"config": None}])
def test_odd_metadata_is_lived_with(hub, models, changes):
    hub.holds(models["float"], **changes)
    assert ask_hub(NAME).weight_bytes


@pytest.mark.parametrize(
    ("path", "answer", "sentence"),
    [
        (API, (401, {"X-Error-Code": "RepoNotFound"}, b""), "shows no org/name"),
        (API, (404, {}, b""), "shows no org/name"),
        (CONFIG, (401, {"X-Error-Code": "GatedRepo"}, b""), "is gated"),
        (CONFIG, (403, {"X-Error-Code": "GatedRepo"}, b""), "is gated"),
        (CONFIG, (404, {"X-Error-Code": "EntryNotFound"}, b""), "has no config.json on the hub"),
        (API, (429, {}, b""), "too often"),
        (API, (503, {}, b""), "HTTP 503"),
        (API, (302, {"Location": "file:///etc/passwd"}, b""), "HTTP 302"),
        (API, (302, {"Location": API}, b""), "HTTP 302"),
        (API, (200, {}, b"<html>"), "did not answer like a hub"),
        (API, (200, {}, b"[]"), "did not answer like a hub"),
        (API, (200, {}, b"[" * 100_000), "did not answer like a hub"),
        (CONFIG, (200, {}, b"<html>"), "is not JSON"),
        (CONFIG, (200, {}, b"{}"), "names no model_type"),
        (API, (200, {"Content-Length": "junk"}, b"{}x"), "did not answer like a hub"),
    ],
)
def test_a_failure_is_one_sentence_with_the_name(hub, models, path, answer, sentence):
    hub.holds(models["float"])
    hub.answers[path] = answer
    with pytest.raises(ModelError, match=sentence.replace(".", r"\.")) as error:
        ask_hub(NAME)
    assert NAME in str(error.value)
    assert "\n" not in str(error.value)


def test_an_answer_that_is_too_long_or_too_slow_is_left(hub, models, monkeypatch):
    hub.holds(models["float"])
    monkeypatch.setattr(hub_client, "_LARGEST", 100)
    with pytest.raises(ModelError, match="longer than"):
        ask_hub(NAME)
    monkeypatch.undo()
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    hub.answers[API] = (299, {}, b"late")
    monkeypatch.setattr(hub_client, "_TIMEOUT", 0.1)
    with pytest.raises(ModelError, match="timed out"):
        ask_hub(NAME)
    hub.release.set()
    monkeypatch.setattr(hub_client, "_DEADLINE", 0.0)
    with pytest.raises(ModelError, match="takes longer"):
        ask_hub(NAME)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "http://[", "http://nowhere.invalid", "http://a b/"])
def test_a_hub_out_of_reach(hub, monkeypatch, endpoint):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(ModelError, match="cannot be asked for org/name"):
        ask_hub(NAME)


@pytest.mark.parametrize("endpoint", ["file:///tmp", "huggingface.co"])
def test_an_endpoint_that_is_none(hub, monkeypatch, endpoint):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(ModelError, match="HF_ENDPOINT"):
        ask_hub(NAME)


def test_nothing_is_asked_offline_or_for_what_is_no_name(hub, monkeypatch):
    for name in ("", "a/b/c", "../x", "org/na me"):
        with pytest.raises(ModelError, match="no name on the hub"):
            ask_hub(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        ask_hub(NAME)
    assert hub.asked == []


def test_the_token_goes_to_the_hub_and_no_further(hub, elsewhere, models, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", " secret\n")
    hub.holds(models["float"])
    renamed = hub.answers.pop(API)
    hub.answers[API] = (307, {"Location": "/api/models/org/renamed"}, b"")
    hub.answers["/api/models/org/renamed"] = renamed
    elsewhere.answers["/config.json"] = hub.answers[CONFIG]
    hub.answers[CONFIG] = (302, {"Location": f"{elsewhere.address}/config.json"}, b"")
    assert ask_hub(NAME).layers == 3
    assert {token for _, token in hub.asked} == {"Bearer secret"}
    assert elsewhere.asked == [("/config.json", None)]


def test_where_the_token_comes_from(hub, models, tmp_path, monkeypatch):
    hub.holds(models["float"])

    def sent() -> str | None:
        hub.asked.clear()
        ask_hub(NAME)
        return hub.asked[0][1]

    assert sent() is None
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text("stored\n")
    assert sent() == "Bearer stored"
    assert hub_home.token() == huggingface_hub.utils._auth._clean_token("stored\n")
    monkeypatch.setenv("HF_TOKEN", "given")
    assert sent() == "Bearer given"
    monkeypatch.setenv("HF_TOKEN", "ungültig")
    assert sent() is None
    monkeypatch.setenv("HF_TOKEN", "in two\nlines")
    assert sent() is None
    monkeypatch.setenv("HF_TOKEN", "given")
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert sent() is None
