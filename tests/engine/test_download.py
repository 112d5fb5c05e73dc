"""Bringing a model from a hub, here a small one of our own making on this machine."""

import hashlib
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.runs.stop import request_stop
from app.wire.events import Phase
from tests.tiny import events, start, tiny, tiny_config, wait_for, wait_for_end  # noqa: F401

COMMIT = "a" * 40
DOWNLOAD = """
import json, sys
from app.engine.download import download
from app.engine.failures import Failure
answers = []
for name in sys.argv[1:]:
    told = []
    try:
        answers.append([str(download(name, lambda done, total: told.append([done, total]))), told])
    except Failure as failure:
        answers.append([str(failure), told])
print(json.dumps(answers))
"""


class Hub(BaseHTTPRequestHandler):
    """As much of huggingface.co as a snapshot download asks for."""

    protocol_version = "HTTP/1.1"
    model: Path
    stall = threading.Event()
    stalled = threading.Event()

    def do_GET(self):
        self._answer(with_body=True)

    def do_HEAD(self):
        self._answer(with_body=False)

    def _answer(self, with_body):
        path = self.path.partition("?")[0]
        if "/secret/" in path:
            return self._send(403, b"{}", {"X-Error-Code": "GatedRepo"}, with_body)
        if "/harbour/" not in path:
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, with_body)
        if path.startswith("/api/"):
            files = [{"rfilename": file.name, "size": file.stat().st_size} for file in self.model.iterdir()]
            if "/tree/" in path:
                files = [{"type": "file", "path": f["rfilename"], "size": f["size"], "oid": "0"} for f in files]
                return self._send(200, json.dumps(files).encode(), {}, with_body)
            body = {"id": "harbour/tiny", "sha": COMMIT, "siblings": files, "private": False, "tags": []}
            return self._send(200, json.dumps(body).encode(), {}, with_body)
        body = (self.model / path.rpartition("/")[2]).read_bytes()
        if self.stall.is_set() and with_body and path.endswith(".safetensors"):
            return self._stall(body)
        etag = hashlib.sha256(body).hexdigest()
        return self._send(200, body, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, with_body)

    def _send(self, status, body, headers, with_body):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _stall(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000])
        self.wfile.flush()
        self.stalled.set()
        threading.Event().wait(30)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(tiny, tmp_path, monkeypatch):  # noqa: F811
    """The environment of processes that take this server for the hub."""
    handler = type(
        "TinyHub", (Hub,), {"model": tiny / "model", "stall": threading.Event(), "stalled": threading.Event()}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    for name in ("HF_HUB_OFFLINE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield handler
    server.shutdown()
    server.server_close()


def test_it_tells_bytes_and_refusals_in_words(hub, tiny):  # noqa: F811
    names = ["harbour/tiny", "secret/model", "nobody/nothing", "no such name"]
    there, gated, missing, misspelt = _download(*names)
    folder, progress = there
    assert (Path(folder) / "model.safetensors").read_bytes() == (tiny / "model/model.safetensors").read_bytes()
    size = sum(file.stat().st_size for file in (tiny / "model").iterdir())
    assert progress[-1] == [size, size]
    assert progress == sorted(progress)
    assert "is gated: accept its terms at https://huggingface.co/secret/model" in gated[0]
    assert "the hub shows no nobody/nothing" in missing[0]
    assert "neither a folder here nor a name on the hub" in misspelt[0]


def test_without_a_network_it_says_so(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    ((answer, _),) = _download("harbour/tiny")
    assert "the hub is out of reach" in answer


def test_a_model_from_the_hub_trains_and_its_log_is_plain(hub, tiny, tmp_path):  # noqa: F811
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", model="harbour/tiny", iters=1))
    told = wait_for_end(run)
    assert told[-1].outcome == "finished"
    assert any(isinstance(event, Phase) and event.name == "download" and event.done for event in told)
    assert "\x1b" not in run.log.read_text()
    assert "\r" not in run.log.read_bytes().decode()


def test_a_stop_ends_a_download_at_once(hub, tiny, tmp_path):  # noqa: F811
    hub.stall.set()
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", model="harbour/tiny"))
    assert hub.stalled.wait(30)
    assert any(isinstance(event, Phase) and event.name == "download" for event in events(run))
    assert request_stop(run)
    wait_for(run.exit.exists, seconds=5)
    assert events(run)[-1].outcome == "stopped"
    assert not (tmp_path / "adapter").exists()


def _download(*names):
    done = subprocess.run(
        [sys.executable, "-P", "-c", DOWNLOAD, *names], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
