"""What is told in a run's story after its trainer has ended, by whoever did something with it."""

from app.wire.events import Event, encode
from app.wire.run_folder import RunFolder


def tell_afterwards(run: RunFolder, *events: Event) -> None:
    """Appends events, in lines of their own even where the trainer died within one. Raises OSError."""
    with run.events.open("ab+") as file:
        torn = False
        if file.tell():
            file.seek(-1, 2)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + "".join(map(encode, events)).encode())
