"""What undo brings back: the configuration, what is being typed, and the presets applied. All functions are pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.checks.finding import Fix
from app.config.config import Config, Origin, edit
from app.config.derived import iters_for_epochs
from app.config.dialect import Resolution
from app.config.preset_apply import Applied
from app.config.preset_file import Preset
from app.config.registry import BY_KEY
from app.config.values import parse_value

EPOCHS = "epochs"
"""A field that is no parameter: another view of `iters`."""


@dataclass(frozen=True)
class State:
    config: Config
    drafts: Mapping[str, str] = field(default_factory=dict)
    """Text that is not (yet) a value, by key."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Why each draft is no value."""
    epochs: float | None = None
    """The anchor, when epochs were typed last."""
    presets: tuple[Preset, ...] = ()
    """Those applied, in their order."""
    preset_values: Mapping[str, Any] = field(default_factory=dict)
    """What they gave, by key, the last of them where several did."""


def opened(resolution: Resolution) -> State:
    """Bad values open as drafts; a bad `lora_parameters`, which is no field, is an error without one."""
    return State(
        resolution.config,
        drafts={problem.key: problem.text for problem in resolution.problems if problem.key in BY_KEY},
        errors={problem.key: problem.message for problem in resolution.problems},
    )


def typed(state: State, key: str, text: str, rows: int | None) -> State:
    """With what a person typed into a field; text that is no value stays as a draft, with its error."""
    state = _without_drafts(state, {key})
    try:
        if key == EPOCHS:
            return follow_epochs(replace(state, epochs=_positive(text)), rows, strict=True)
        config = edit(state.config, key, parse_value(BY_KEY[key], text))
    except ValueError as error:
        return replace(state, drafts={**state.drafts, key: text}, errors={**state.errors, key: str(error)})
    state = replace(state, config=config)
    if key == "iters":
        return replace(state, epochs=None)
    return follow_epochs(state, rows) if key in ("batch_size", "data") else state


def is_value(key: str, text: str) -> bool:
    """Whether a text, typed into the field of `key`, would be one."""
    try:
        parse_value(BY_KEY[key], text)
    except ValueError:
        return False
    return True


def follow_epochs(state: State, rows: int | None, strict: bool = False) -> State:
    """iters from the epochs anchor. Raises ValueError (only when `strict`) while rows are not known."""
    if state.epochs is None:
        return state
    if not rows:
        if strict:
            raise ValueError("The rows of the data are not known (yet), so epochs cannot become iterations.")
        return state
    iters = iters_for_epochs(state.epochs, rows, state.config.values["batch_size"])
    if iters < 1:
        if strict:
            raise ValueError("That is less than one iteration: type more epochs, or use a smaller batch.")
        return state
    return replace(state, config=edit(state.config, "iters", iters))


def fixed(state: State, fix: Fix) -> State:
    """With all edits of a fix; held epochs stay held, unless it is about iters itself."""
    config, keys = state.config, {key for key, _ in fix.edits}
    for key, value in fix.edits:
        config = edit(config, key, value)
    epochs = None if "iters" in keys and "batch_size" not in keys else state.epochs
    return replace(_without_drafts(state, keys), config=config, epochs=epochs)


def with_preset(state: State, preset: Preset, applied: Applied) -> State:
    """With what `preset` made of the configuration."""
    keys = {setting.key for setting in preset.settings}
    return replace(
        _without_drafts(state, keys),
        config=applied.config,
        epochs=None if "iters" in keys else state.epochs,
        presets=(*(one for one in state.presets if one.id != preset.id), preset),
        preset_values={**state.preset_values, **{key: applied.config.values[key] for key in keys}},
    )


def reset_options(state: State, at_opening: State, key: str, has_file: bool) -> list[tuple[Origin, Any]]:
    """The other values that a parameter could go back to, with where each is from."""
    options: list[tuple[Origin, Any]] = []
    in_file = at_opening.config.origins[key] is Origin.FILE or key in at_opening.drafts
    if has_file and in_file:
        options.append((Origin.FILE, at_opening.config.values[key]))
    if key in state.preset_values:
        options.append((Origin.PRESET, state.preset_values[key]))
    options.append((Origin.DEFAULT, BY_KEY[key].default))
    draft, in_file_draft = state.drafts.get(key), at_opening.drafts.get(key)

    def is_other(origin: Origin, value: Any) -> bool:
        there = in_file_draft if origin is Origin.FILE else None
        return there != draft or (draft is None and value != state.config.values[key])

    return [option for option in options if is_other(*option)]


def reset(state: State, at_opening: State, key: str, origin: Origin) -> State:
    """With a parameter as its file, a preset or mlx-lm has it; a bad value of the file comes back as it was."""
    state = _without_drafts(state, {key})
    state = replace(state, epochs=None) if key == "iters" else state
    if origin is Origin.FILE and key in at_opening.drafts:
        drafts = {**state.drafts, key: at_opening.drafts[key]}
        state = replace(state, drafts=drafts, errors={**state.errors, key: at_opening.errors[key]})
    if origin is Origin.FILE:
        value, origin = at_opening.config.values[key], at_opening.config.origins[key]
    else:
        value = state.preset_values[key] if origin is Origin.PRESET else BY_KEY[key].default
    return replace(state, config=edit(state.config, key, value, origin))


def edited_keys(at_opening: State, state: State) -> frozenset[str]:
    def differs(key: str) -> bool:
        before, now = at_opening.config.values[key], state.config.values[key]
        return before != now or at_opening.drafts.get(key) != state.drafts.get(key)

    return frozenset(key for key in BY_KEY if differs(key))


def first_difference(one: State, other: State) -> str | None:
    for key in (*BY_KEY, EPOCHS):
        if one.drafts.get(key) != other.drafts.get(key):
            return key
        if key in BY_KEY and one.config.values[key] != other.config.values[key]:
            return key
    return None


def is_taken_back(before: State, now: State) -> bool:
    """Whether nothing that shows is left of what was typed since `before`."""
    return before.epochs == now.epochs and first_difference(before, now) is None


def _without_drafts(state: State, keys: set[str]) -> State:
    if not keys & {*state.drafts, *state.errors}:
        return state
    return replace(
        state,
        drafts={key: text for key, text in state.drafts.items() if key not in keys},
        errors={key: message for key, message in state.errors.items() if key not in keys},
    )


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise ValueError("Type the epochs as a number above 0, such as 2 or 0.5.")
    return number
