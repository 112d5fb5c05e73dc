"""The letters of the runs whose curves are laid over each other."""

from collections.abc import Iterable
from string import ascii_lowercase


class RunMarks:
    """A letter stays with its run; one that was given back is given again. Beyond 26 all have the last one."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def toggle(self, id: str) -> None:
        if self._letters.pop(id, None) is None:
            taken = set(self._letters.values())
            free = (letter for letter in ascii_lowercase if letter not in taken)
            self._letters[id] = next(free, ascii_lowercase[-1])

    def letter(self, id: str) -> str:
        """Empty for a run that is not marked."""
        return self._letters.get(id, "")

    def tone(self, id: str) -> int:
        """Which of the colours a run has: the first where it is not marked."""
        return max(0, ascii_lowercase.find(self.letter(id)))

    def ids(self) -> list[str]:
        """The marked runs, in the order of their letters."""
        return sorted(self._letters, key=lambda id: self._letters[id])

    def keep(self, ids: Iterable[str]) -> None:
        """Forgets runs that are not there any more."""
        known = set(ids)
        self._letters = {id: letter for id, letter in self._letters.items() if id in known}

    def clear(self) -> None:
        self._letters.clear()
