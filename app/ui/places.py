"""Where one can be: the places of the list on the left, in its order."""

from dataclasses import dataclass

from app.config.groups import GROUPS

START, PRESETS, DATA, REVIEW, TRAIN, RUNS = "start", "presets", "data", "review", "train", "runs"
FIRST_FORM = GROUPS[0].id
FORMS = tuple(group.id for group in GROUPS)


@dataclass(frozen=True)
class Place:
    id: str
    label: str


PLACES = (
    Place(START, "Start"),
    *(Place(group.id, group.label) for group in GROUPS),
    Place(PRESETS, "Presets"),
    Place(DATA, "Data"),
    Place(REVIEW, "Review"),
    Place(TRAIN, "Train"),
    Place(RUNS, "Runs"),
)

LAST_OF_BLOCK = (START, FORMS[-1])
"""Places below which the list leaves a line free, where it has room."""
