"""A learning-rate schedule while it is being edited: its kind, the text of each number, and what would be written.

A kind is one of mlx-lm's schedules, but for the constant one. That needs no schedule; with a warm-up, which mlx-lm has
for schedules alone, it is a linear one whose both ends are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.config.numbers import number_text, tidy
from app.config.structures import LARGEST, MOST_UPDATES

KINDS = CONSTANT, LINEAR, COSINE, STEP, EXPONENTIAL = "constant", "linear", "cosine", "step", "exponential"

NUMBERS = PEAK, END, LENGTH, FACTOR, EVERY, WARMUP, START = (
    "peak", "end", "length", "factor", "every", "warmup", "start",
)  # fmt: skip
_ARGUMENTS = {
    LINEAR: ("linear_schedule", (PEAK, END, LENGTH)),
    COSINE: ("cosine_decay", (PEAK, LENGTH, END)),
    STEP: ("step_decay", (PEAK, FACTOR, EVERY)),
    EXPONENTIAL: ("exponential_decay", (PEAK, FACTOR)),
}
"""mlx's name of each kind, and the order of its arguments."""
_BY_NAME = {name: kind for kind, (name, _) in _ARGUMENTS.items()}

UPDATES = (LENGTH, EVERY, WARMUP)
"""Numbers that count updates; the others are rates, and the factor."""

_WARMUP_SHARE = 10
"""A tenth of the run; usual are 3 to 10 %."""
_END_SHARE = 100
"""The last rate is this part of the peak: at it, a model learns next to nothing any more."""
_FALL = 0.1
"""What an exponential decay leaves of the peak at the end of the run."""
_STAIRS = 4


@dataclass(frozen=True)
class Draft:
    """`texts` holds what stands in the field of each number. Those not in `own` follow the run and each other."""

    kind: str
    texts: Mapping[str, str]
    updates: int
    """That the run makes."""
    own: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Entries of the schedule that mlx-lm does not read: they stay."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The numbers that its kind needs, the start of a warm-up only where there is one."""
        own = {CONSTANT: (), LINEAR: (END, LENGTH), COSINE: (END, LENGTH), STEP: (FACTOR, EVERY)}
        warms_up = (WARMUP, START) if self.texts[WARMUP].strip() not in ("", "0") else (WARMUP,)
        return (PEAK, *own.get(self.kind, (FACTOR,)), *warms_up)


def begin(schedule: Mapping[str, Any] | None, learning_rate: float, updates: int) -> Draft:
    """The schedule as it is, one that `check_structure` accepts; without one a constant rate."""
    if not schedule:
        return _followed(Draft(CONSTANT, {PEAK: number_text(learning_rate)}, updates, frozenset({PEAK})))
    kind = _BY_NAME[schedule["name"]]
    names = _ARGUMENTS[kind][1]
    given = dict(zip(names, schedule["arguments"], strict=False)) | {WARMUP: schedule.get("warmup") or 0}
    if kind == COSINE:
        given.setdefault(END, 0)
    if given[WARMUP]:
        given[START] = schedule.get("warmup_init", 0)
    if given[WARMUP] and kind == LINEAR and given[PEAK] == given[END]:
        kind = CONSTANT
        del given[END], given[LENGTH]
    extra = {name: value for name, value in schedule.items() if name not in _READ}
    texts = {name: number_text(value) for name, value in given.items()}
    return _followed(Draft(kind, texts, updates, frozenset(texts), extra))


def with_kind(draft: Draft, kind: str) -> Draft:
    """Another kind, with numbers that are sound for the run where none were given."""
    own = draft.own - {FACTOR} if {draft.kind, kind} == {STEP, EXPONENTIAL} else draft.own
    return _followed(replace(draft, kind=kind, own=own))


def with_text(draft: Draft, name: str, text: str) -> Draft:
    """What was typed; numbers that nobody gave follow."""
    return _followed(replace(draft, texts={**draft.texts, name: text}, own=draft.own | {name}))


def problems(draft: Draft) -> dict[str, str]:
    """Why what stands in a field will not do, one sentence each."""
    found = {name: _problem(name, draft.texts[name]) for name in draft.fields}
    return {name: problem for name, problem in found.items() if problem}


def schedule_of(draft: Draft) -> dict[str, Any] | None:
    """As mlx-lm's `lr_schedule`, None where the learning rate alone does it. The draft has no problems."""
    numbers = {name: _number(name, draft.texts[name]) for name in draft.fields}
    warmup = {"warmup": numbers[WARMUP]} if numbers[WARMUP] else {}
    if warmup and (start := numbers[START]):
        warmup["warmup_init"] = start
    if draft.kind == CONSTANT:
        if not warmup:
            return None
        # Over one update or many: between equal ends it is the same
        numbers |= {END: numbers[PEAK], LENGTH: max(1, draft.updates)}
    name, arguments = _ARGUMENTS[LINEAR if draft.kind == CONSTANT else draft.kind]
    given = [numbers[argument] for argument in arguments]
    if draft.kind == COSINE and given[-1] == 0:
        given.pop()  # mlx's own default
    return {"name": name, "arguments": given, **warmup, **draft.extra}


def edits(
    draft: Draft, schedule: Mapping[str, Any] | None, learning_rate: float, is_given: bool
) -> tuple[tuple[str, Any], ...]:
    """What is to be edited of a configuration; nothing where the draft says the same.

    A learning rate that `is_given`, by a file or a person, goes along: beside a schedule nobody reads it, and one that
    says something else would mislead.
    """
    wanted, peak = schedule_of(draft), _number(PEAK, draft.texts[PEAK])
    same = _plain(wanted) == _plain(schedule)
    changes: list[tuple[str, Any]] = [] if same else [("lr_schedule", wanted)]
    if peak != learning_rate and (wanted is None or (is_given and not same)):
        changes.insert(0, ("learning_rate", peak))
    return tuple(changes)


_READ = ("name", "arguments", "warmup", "warmup_init")


def _plain(schedule: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """With what mlx takes for granted written out, so that two that train the same are equal."""
    if not schedule:
        return None
    arguments = [*schedule["arguments"], *([0.0] if _short_cosine(schedule) else [])]
    warmup = schedule.get("warmup") or 0
    start = schedule.get("warmup_init", 0.0) if warmup else 0.0
    if warmup and schedule["name"] == "linear_schedule" and arguments[0] == arguments[1]:
        arguments[2] = 1
    return {**schedule, "arguments": arguments, "warmup": warmup, "warmup_init": start}


def _short_cosine(schedule: Mapping[str, Any]) -> bool:
    return schedule["name"] == "cosine_decay" and len(schedule["arguments"]) == 2


def _followed(draft: Draft) -> Draft:
    """Numbers that nobody gave, made to suit the run."""
    texts = dict(draft.texts)
    updates = max(1, draft.updates)
    if WARMUP not in draft.own:
        texts[WARMUP] = "0" if draft.kind == CONSTANT else str(updates // _WARMUP_SHARE)
    warmup = _number_or(WARMUP, texts, 0)
    decay = max(1, updates - int(warmup)) if warmup < updates else updates
    sound = {
        START: 0,
        END: tidy(_number_or(PEAK, texts, 0.0) / _END_SHARE),
        LENGTH: decay,
        FACTOR: 0.5 if draft.kind == STEP else float(f"{_FALL ** (1 / decay):.6g}"),
        EVERY: max(1, decay // _STAIRS),
    }
    texts |= {name: number_text(value) for name, value in sound.items() if name not in draft.own}
    return replace(draft, texts=texts)


def _number_or(name: str, texts: Mapping[str, str], otherwise: float) -> float:
    return otherwise if _problem(name, texts[name]) else _number(name, texts[name])


def _number(name: str, text: str) -> float:
    number = float(text)
    return int(number) if name in UPDATES and number.is_integer() else number


def _problem(name: str, text: str) -> str:
    what = _WORDS[name]
    try:
        number = float(text)
    except ValueError:
        return f"{what} wants a number, such as {_EXAMPLES[name]}."
    if not abs(number) <= LARGEST:
        return f"{what} wants a finite number."
    if name == WARMUP and (number < 0 or not number.is_integer()):
        return f"{what} wants a whole number of updates, 0 for none."
    if name in UPDATES and name != WARMUP and number < 1:
        return f"{what} counts updates: it must be 1 or more."
    if name in UPDATES and number > MOST_UPDATES:
        return f"{what} is longer than any run: mlx counts no further than 9e18 updates."
    if number < 0:
        return f"{what} must be 0 or more, or the weights would be moved the wrong way."
    return ""


_WORDS = {
    PEAK: "The rate", END: "The last rate", LENGTH: "The decay", FACTOR: "The factor", EVERY: "A step",
    WARMUP: "The warm-up", START: "The warm-up's start",
}  # fmt: skip
_EXAMPLES = {
    PEAK: "1e-5", END: "1e-7", LENGTH: "100", FACTOR: "0.5", EVERY: "25", WARMUP: "10", START: "0",
}  # fmt: skip
