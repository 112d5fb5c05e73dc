"""Several processes that look at pieces of a file at once: parsing JSON holds one core of one process."""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from app.data.line_ranges import Range, lines_in
from app.data.row_format import RowFormat
from app.data.scan_piece import Piece, decode_piece, encode_piece, scan_piece
from app.wire.process import start_talking

PIECE = 1 << 21
"""Bytes of a piece: parsed in some 10 ms, and what a row is looked for in."""
_MOST = 8
"""Workers."""


class WorkerDied(Exception):
    """A worker ended, as it does when memory runs out."""


class Workers:
    """Not for several threads at once. To be closed."""

    def __init__(self) -> None:
        self.count = min(os.cpu_count() or 1, _MOST)
        self._threads = ThreadPoolExecutor(self.count)
        # All hash alike: a seed of Python's own choice differs between processes.
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        command = [sys.executable, "-P", "-m", "app.data", "pieces"]
        self._all = [start_talking(command, environment) for _ in range(self.count)]
        self._idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        for worker in self._all:
            self._idle.put(worker)

    def scan(self, path: Path, pieces: Iterable[Range], keys: RowFormat, format: str | None) -> Iterator[Piece]:
        """Of each piece in turn; few are under way at once. Raises WorkerDied."""
        waiting: deque[Future[Piece]] = deque()
        for start, end in pieces:
            waiting.append(self._threads.submit(self._ask, encode_request(path, (start, end), keys, format)))
            if len(waiting) > 2 * self.count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def close(self) -> None:
        for worker in self._all:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            with suppress(BrokenPipeError):
                worker.communicate()

    def _ask(self, request: str) -> Piece:
        worker = self._idle.get()
        assert worker.stdin and worker.stdout
        try:
            with suppress(BrokenPipeError):
                worker.stdin.write(request + "\n")
                worker.stdin.flush()
            if not (answer := worker.stdout.readline()):
                raise WorkerDied
            return decode_piece(answer)
        finally:
            self._idle.put(worker)


def encode_request(path: Path, piece: Range, keys: RowFormat, format: str | None) -> str:
    names = [keys.prompt, keys.completion, keys.chat, keys.text]
    return json.dumps({"path": str(path), "piece": piece, "keys": names, "format": format})


def serve_pieces() -> int:
    """A worker: a request a line on its input, an answer a line on its output, until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        with Path(request["path"]).open("rb") as file:
            lines = lines_in(file, request["piece"], PIECE)
        print(encode_piece(scan_piece(lines, RowFormat(*request["keys"]), request["format"])), flush=True)
    return 0
