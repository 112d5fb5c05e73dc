"""Whether the optimizer takes the settings that `optimizer_config` has for it, and gets them."""

from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from math import isfinite
from typing import Any

from app.checks.context import Context
from app.checks.finding import Finding, Fix

NUMBER, WHOLE, SWITCH, PAIR = "a number", "a whole number", "true or false", "a list of two numbers"
OPTIONAL = "a number or null"

_ADAM = {"betas": PAIR, "eps": NUMBER, "bias_correction": SWITCH}
SETTINGS: dict[str, dict[str, str]] = {
    "adam": _ADAM,
    "adamw": {**_ADAM, "weight_decay": NUMBER},
    "muon": {"momentum": NUMBER, "weight_decay": NUMBER, "nesterov": SWITCH, "ns_steps": WHOLE},
    "sgd": {"momentum": NUMBER, "weight_decay": NUMBER, "dampening": NUMBER, "nesterov": SWITCH},
    "adafactor": {
        "eps": PAIR,
        "clip_threshold": NUMBER,
        "decay_rate": NUMBER,
        "beta_1": OPTIONAL,
        "weight_decay": NUMBER,
        "scale_parameter": SWITCH,
        "relative_step": SWITCH,
        "warmup_init": SWITCH,
    },
}
"""What the classes of mlx.optimizers take beside learning_rate, by mlx-lm's names for them."""

_KEY = "optimizer_config"


def settings_unknown(context: Context) -> Iterator[Finding]:
    name, given = context.values["optimizer"], _given(context)
    unknown = [key for key in given if key not in SETTINGS[name]]
    if unknown:
        meant = {key: (get_close_matches(key, SETTINGS[name], n=1) or [""])[0] for key in unknown}
        mended = {meant.get(key, key): value for key, value in given.items() if meant.get(key, key)}
        yield Finding(
            "error",
            "optimizer-setting-unknown",
            (_KEY, "optimizer"),
            f"{name} has no setting {', '.join(unknown)}: it takes {', '.join(SETTINGS[name])}.",
            f"mlx-lm hands {_KEY}.{name} to the optimizer as it is, and fails after the model has loaded.",
            _fix(context, mended),
        )


def settings_wrong(context: Context) -> Iterator[Finding]:
    name, given = context.values["optimizer"], _given(context)
    wrong = {key: SETTINGS[name][key] for key, value in given.items() if not _is(value, SETTINGS[name].get(key))}
    if wrong:
        meant = {key: _meant(given[key]) for key in wrong}
        mended = {key: meant.get(key, value) for key, value in given.items()}
        mended = {key: value for key, value in mended.items() if _is(value, SETTINGS[name].get(key))}
        yield Finding(
            "warning" if set(wrong.values()) == {SWITCH} else "error",
            "optimizer-setting-wrong",
            (_KEY, "optimizer"),
            f"{_KEY}.{name} wants {' and '.join(f'{kind} for {key}' for key, kind in wrong.items())}, without quotes.",
            "mlx-lm hands the settings to the optimizer as they are: a text is no number there, and is taken for true.",
            _fix(context, mended),
        )


def settings_unused(context: Context) -> Iterator[Finding]:
    """Silent where the optimizer in use has settings too: then the others are kept for another day."""
    name, sections = context.values["optimizer"], context.values[_KEY]
    others = [other for other, given in sections.items() if given and other in SETTINGS and other != name]
    if others and not _given(context):
        yield Finding(
            "warning",
            "optimizer-settings-unused",
            (_KEY, "optimizer"),
            f"The settings for {' and '.join(others)} in {_KEY} are not used, as the optimizer is {name}: set optimizer"
            f" to {others[0]}, or put them under {name}.",
            "mlx-lm reads the section of the optimizer in use alone.",
            Fix(f"optimizer {others[0]}", (("optimizer", others[0]),)) if len(others) == 1 else None,
        )


def _given(context: Context) -> dict[str, Any]:
    return context.values[_KEY].get(context.values["optimizer"]) or {}


def _fix(context: Context, settings: dict[str, Any]) -> Fix:
    sections = {**context.values[_KEY], context.values["optimizer"]: settings}
    shown = ", ".join(f"{key} {value}" for key, value in settings.items()) or "none"
    return Fix(f"{context.values['optimizer']}: {shown}", ((_KEY, sections),))


def _is(value: Any, kind: str | None) -> bool:
    """True for a setting that is not known, of which `settings_unknown` speaks."""
    if kind is None or (kind == OPTIONAL and value is None):
        return True
    if kind == SWITCH:
        return isinstance(value, bool)
    if kind == PAIR:
        return isinstance(value, list) and len(value) == 2 and all(_is(each, NUMBER) for each in value)
    if isinstance(value, float) and not isfinite(value):
        return False
    return isinstance(value, int if kind == WHOLE else int | float) and not isinstance(value, bool)


def _meant(value: Any) -> Any:
    """What a text in quotes would be without them."""
    if isinstance(value, list):
        return [_meant(each) for each in value]
    if not isinstance(value, str):
        return value
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    for number in (int, float):
        with suppress(ValueError):
            return number(value)
    return value
