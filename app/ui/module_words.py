"""What the module picker says: a line for each module, what one is, and what those chosen come to."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.content import Content

from app.models.lora_targets import Choosable, Effect, Group, Trained
from app.wire.module_tree import Target
from app.wire.text import printable

_SHAPE, _LAYERS, _COUNT = 22, 10, 8
"""Cells of the columns beside the names."""
_MARK = 2
_ROOM_FOR_SHAPES = 56
"""Cells of a line from which on it has them."""
_SHORTEST = 12

_EFFECTS = {
    Effect.NONE: ("▲ matches nothing here", "$text-warning"),
    Effect.FAILS: ("✗ makes mlx-lm fail", "$text-error"),
    Effect.BY_PATH: ("one module, by its path", "$text-muted"),
}


@dataclass(frozen=True)
class Training:
    """What of the configuration decides how much is trained."""

    keys: tuple[str, ...] | None
    """None takes every module of the layers."""
    num_layers: int
    rank: int
    method: str

    @property
    def adapter(self) -> str:
        """`full` has none, and is shown what lora would have."""
        return "dora" if self.method == "dora" else "lora"


@dataclass(frozen=True)
class Columns:
    """Cells of the names, and of the shapes: 0 where there is no room for them."""

    names: int
    shapes: int

    @staticmethod
    def within(width: int, names: Iterable[str]) -> "Columns":
        shapes = _SHAPE if width >= _ROOM_FOR_SHAPES else 0
        longest = max(map(len, names), default=0)
        return Columns(max(_SHORTEST, min(longest, width - _MARK - shapes - _LAYERS - _COUNT)), shapes)

    def group_line(self, name: str, with_heads: bool) -> Content:
        heads = f"{'in → out' if self.shapes else '':>{self.shapes}}{'layers':>{_LAYERS}}{'trains':>{_COUNT}}"
        return Content.assemble((f"{name:<{self.names + _MARK}}", "bold"), (heads if with_heads else "", "$text-muted"))

    def line(self, entry: Choosable, is_in: bool) -> Content:
        shape = _shape(entry.targets[0]) + "…" * (len(entry.targets) > 1) if self.shapes else ""
        layers = "–" if entry.group is Group.OUTSIDE else f"{entry.trained} of {entry.places}"
        count = "✗" if entry.parameters is None else _short(entry.parameters)
        tone = "" if is_in else "$text-muted"
        return Content.assemble(
            _mark(is_in),
            (self._fitted(entry.name), tone),
            (f"{shape:>{self.shapes}}{layers:>{_LAYERS}}", "$text-muted"),
            (f"{count:>{_COUNT}}", "$text-error" if entry.parameters is None else tone),
        )

    def other_line(self, key: str, effect: Effect, is_in: bool) -> Content:
        words, tone = _EFFECTS[effect]
        return Content.assemble(_mark(is_in), self._fitted(key), (f"  {words}", tone))

    def _fitted(self, name: str) -> str:
        """Its end tells a name from the others."""
        name = printable(name)
        name = name if len(name) <= self.names else f"…{name[len(name) - self.names + 1 :]}"
        return f"{name:<{self.names}}"


def about_entry(entry: Choosable, training: Training) -> Content:
    kinds = ", ".join(dict.fromkeys(_kind(target) for target in entry.targets))
    where = "outside the layers" if entry.group is Group.OUTSIDE else f"in {_layers(entry.places)}"
    refusals = [target.refusal for target in entry.targets if target.growth(training.adapter) is None]
    if refusals:
        return Content.styled(f"✗ {printable(entry.name)}: {printable(refusals[0])}", "$text-error")
    if not entry.trained:
        return Content.styled(f"▲ {printable(kinds)} {where}, none of which num_layers reaches.", "$text-warning")
    shapes = ", ".join(_shape(target) for target in entry.targets[:3]) if len(entry.targets) > 1 else ""
    counted = f"{entry.parameters:,} parameters at rank {training.rank}"
    return Content(printable("; ".join(filter(None, (f"{kinds} {where}", shapes, counted)))))


def about_other(key: str, effect: Effect, names: Iterable[str]) -> Content:
    """Of a key of the file that is no module of the layers; `names` are what it may have been meant for."""
    match effect:
        case Effect.NONE:
            meant = next((name for name in names if name.endswith(f".{key}")), "")
            words = f"{key} matches no module of a trained layer"
            words += f": {meant} was meant?" if meant else ", so it changes nothing."
        case Effect.FAILS:
            words = f"{key} is no linear and no embedding: mlx-lm fails on it, so take it out."
        case Effect.BY_PATH:
            words = f"{key} is one module, found by its path from the model's root."
    return Content(printable(words))


def count_words(found: Trained, parameters: int, takes_all: bool, method: str) -> Content:
    """What would be trained, of the `parameters` of the model; below it what there is to say of that."""
    share = f"{found.share:.3%}".replace("%", " %")
    counted = Content.assemble(
        (f"{found.parameters:,} trainable parameters", "bold"), f", {share} of the model's {_short(parameters)}"
    )
    return Content("\n").join([counted, _remark(found, takes_all, method)])


def _remark(found: Trained, takes_all: bool, method: str) -> Content:
    if found.refusal:
        return Content.styled(f"✗ {printable(found.refusal)}", "$text-error")
    if not found.parameters:
        return Content.styled("▲ Nothing would be trained, and mlx-lm would fail.", "$text-warning")
    if method == "full":
        return Content.styled("▲ fine_tune_type full trains whole layers: keys are for lora and dora.", "$text-warning")
    if takes_all:
        return Content.styled("All modules of the layers, which mlx-lm takes without any keys.", "$text-muted")
    return Content("")


def _mark(is_in: bool) -> tuple[str, str]:
    return ("✓ ", "$text-success bold") if is_in else ("· ", "$text-muted")


def _shape(target: Target) -> str:
    stack = f"{target.experts} × " if target.experts else ""
    return f"{stack}{target.inputs} → {target.outputs}"


def _kind(target: Target) -> str:
    return f"{target.kind}, {target.bits} bits" if target.bits else target.kind


def _layers(count: int) -> str:
    return f"{count} layer{'s' * (count != 1)}"


def _short(count: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}" if count < 1000 * size else f"{count / size:.0f}{letter}"
    return str(count)
