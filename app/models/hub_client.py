"""Two questions to the hub over HTTP, each answered within seconds or refused in a sentence.

Import it where it is used: urllib is slow to load.
"""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from app.models.facts import ModelError

_SCHEMES = ("http", "https")
_TIMEOUT = 5.0
"""Seconds without a byte."""
_DEADLINE = 15.0
"""Seconds for a whole answer."""
_LARGEST = 16_000_000
"""Bytes of an answer: the metadata of a repository of ten thousand files have about 2 MB."""


@dataclass(frozen=True)
class HubClient:
    """`token` is sent to the endpoint and to nobody that it points to."""

    endpoint: str
    token: str | None = field(repr=False)

    def metadata(self, name: str) -> dict[str, Any]:
        """What the hub knows of a model: files with their sizes, elements by dtype. Raises ModelError."""
        text = self._get(f"/api/models/{quote(name)}?blobs=true", name)
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise ModelError(f"{self.endpoint} did not answer like a hub when asked for {name}: look at HF_ENDPOINT.")
        return told

    def config(self, name: str) -> bytes:
        """The config.json of the model's main revision. Raises ModelError."""
        return self._get(f"/{quote(name)}/resolve/main/config.json", name)

    def _get(self, path: str, name: str) -> bytes:
        try:
            if urlsplit(self.endpoint).scheme not in _SCHEMES:
                raise ModelError(f"HF_ENDPOINT {self.endpoint} is no address of a hub, such as https://huggingface.co.")
            request = Request(self.endpoint + path, headers={"User-Agent": "tunedeck"})
            if self.token:
                request.add_unredirected_header("Authorization", f"Bearer {self.token}")
            with build_opener(_SameHost()).open(request, timeout=_TIMEOUT) as answer:
                return _read(answer)
        except HTTPError as error:
            with error:
                raise ModelError(self._refusal(error, name)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
            raise ModelError(
                f"The hub at {self.endpoint} cannot be asked for {name} ({reason}): go online, or name a folder."
            ) from None

    def _refusal(self, error: HTTPError, name: str) -> str:
        code = error.headers.get("X-Error-Code")
        if code == "GatedRepo":
            return f"{name} is gated: accept its terms at {self.endpoint}/{name}, then log in with `hf auth login`."
        if code == "EntryNotFound":
            return f"{name} has no config.json on the hub, so mlx-lm cannot load it."
        if code == "RepoNotFound" or error.code in (401, 404):
            return f"The hub shows no {name}: check the name, or log in with `hf auth login` if it is private."
        if error.code == 429:
            return f"The hub is asked too often and does not tell of {name} now: wait a minute."
        return f"The hub does not tell of {name} (HTTP {error.code}): try again later."


class _SameHost(HTTPRedirectHandler):
    """Keeps the token on the way to another page of the endpoint, where renamed models and small files are."""

    def redirect_request(self, req: Request, *details: Any) -> Request | None:
        if urlsplit(details[-1]).scheme not in _SCHEMES:
            return None
        following = super().redirect_request(req, *details)
        token = req.get_header("Authorization")
        if following and token and _origin(following) == _origin(req):
            following.add_unredirected_header("Authorization", token)
        return following


def _origin(request: Request) -> tuple[str, str]:
    return urlsplit(request.full_url)[:2]


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The body. Raises OSError when it is too long or too slow."""
    deadline = time.monotonic() + _DEADLINE
    body = b""
    while chunk := answer.read1(65536):
        body += chunk
        if len(body) > _LARGEST:
            raise OSError(f"its answer is longer than {_LARGEST // 1_000_000} MB")
        if time.monotonic() > deadline:
            raise OSError(f"its answer takes longer than {_DEADLINE:.0f} seconds")
    return body
