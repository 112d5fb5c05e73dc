"""What batches hold of rows and of padding, for the values of now: read from a file in a thread, for it may be long."""

from collections.abc import Callable

from app.data.lengths import Lengths
from app.data.padding import Padded, padded_sets
from app.session.snapshot import Snapshot
from app.ui.place_screen import PlaceScreen


class PaddingReading:
    def __init__(self, screen: PlaceScreen, arrived: Callable[[], None]):
        """`arrived` is called on the loop when there is something new."""
        self._screen, self._arrived = screen, arrived
        self._lengths: Lengths | None = None
        self._values: tuple[int, int] = (0, 0)
        """max_seq_length and batch_size."""
        self._padded: dict[str, Padded | None] = {}

    def of(self, name: str) -> Padded | None:
        """Of a set; None while it is not known, and where it never will be."""
        return self._padded.get(name)

    def follow(self, snapshot: Snapshot) -> None:
        """Reads anew where the lengths or the values are others."""
        values = snapshot.config.values
        lengths = snapshot.lengths if isinstance(snapshot.lengths, Lengths) else None
        wanted = int(values["max_seq_length"]), int(values["batch_size"])
        if lengths is self._lengths and wanted == self._values:
            return
        self._lengths, self._values, self._padded = lengths, wanted, {}
        if lengths is not None:
            self._screen.run_worker(lambda: self._read(lengths, wanted), thread=True, group="padding", exclusive=True)

    def _read(self, lengths: Lengths, values: tuple[int, int]) -> None:
        train, valid = padded_sets(lengths, *values)
        self._screen.app.call_from_thread(self._take, lengths, values, {"train": train, "valid": valid})

    def _take(self, lengths: Lengths, values: tuple[int, int], padded: dict[str, Padded | None]) -> None:
        if lengths is self._lengths and values == self._values:
            self._padded = padded
            self._arrived()
