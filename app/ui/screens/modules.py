"""Which modules get an adapter: the model's own, with their shapes, and what training them comes to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.models.lora_targets import Choosable, Group, Trained, choosable, every_name, group_of, trained, without_effect
from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.words import Words
from app.wire.module_tree import ModuleTree, Target
from app.wire.text import printable

ELSEWHERE = "Other keys of the file"
_SHAPE, _LAYERS, _COUNT = 22, 10, 8
"""Cells of the columns beside the names."""
_ROOM_FOR_SHAPES = 56
"""Cells of a list from which on it has them."""
_BESIDE, _BESIDE_SHORT = 11, 7
"""Lines of the dialog beside the list, its border included; `-short` leaves some of them out."""


@dataclass(frozen=True)
class Training:
    """What of the configuration decides how much is trained, beside the keys."""

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
class Chosen:
    keys: tuple[str, ...] | None


class Modules(Question[Chosen]):
    """Space or a click takes a module in or out. Enter applies; Escape, and no change, answer None."""

    CSS_PATH = "modules.tcss"
    AUTO_FOCUS = "#entries"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-high")]
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", show=False),
        Binding("enter", "take", show=False, priority=True),
        Binding("a", "choose('all')", show=False),
        Binding("n", "choose('none')", show=False),
        Binding("t", "choose('attention')", show=False),
        Binding("m", "choose('mlp')", show=False),
    ]

    def __init__(self, model: str, tree: ModuleTree, training: Training):
        super().__init__()
        self._model, self._tree, self._training = model, tree, training
        self._entries = choosable(tree, training.num_layers, training.rank, training.adapter)
        self._by_name = {entry.name: entry for entry in self._entries}
        self._foreign = tuple(key for key in training.keys or () if key not in self._by_name)
        self._useless = without_effect(tree, self._foreign, training.num_layers)
        self._names = every_name(tree) if training.keys is None else frozenset(training.keys)
        self._list = LineList(id="entries")
        self._about, self._count = Words(id="about"), Words(id="count")

    def compose(self) -> ComposeResult:
        with Vertical(id="modules"):
            yield Static("Modules that get an adapter", id="question", markup=False)
            yield Static(self._heading(), id="of", markup=False)
            yield self._list
            yield self._about
            yield self._count
            yield Hints(("Space ✓", "flip"), ("a all", "choose('all')"), ("n none", "choose('none')"),
                        ("t attention", "choose('attention')"), ("m +MLP", "choose('mlp')"),
                        ("Enter applies", "take"), ("Esc leaves", "dismiss(None)"))  # fmt: skip

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _heading(self) -> Content:
        training, layers = self._training, len(self._tree.layers)
        count = len(self._tree.layers[-max(training.num_layers, 0) :])
        words = f"{self._model} · last {count} of {layers} layers · rank {training.rank} · {training.method}"
        return Content.styled(printable(words), "$text-muted")

    @property
    def _keys(self) -> tuple[str, ...] | None:
        """As they would be written: none for every module of the layers, else in the file's and the model's order."""
        if self._names == every_name(self._tree):
            return None
        before = [key for key in self._training.keys or () if key in self._names]
        return tuple(dict.fromkeys([*before, *(entry.name for entry in self._entries if entry.name in self._names)]))

    # What it shows

    def _show(self) -> None:
        lines = list(self._lines(max(20, self._list.content_size.width)))
        self._list.show(lines)
        beside = _BESIDE_SHORT if self.has_class("-short") else _BESIDE
        self._list.styles.height = max(1, min(len(lines), self.size.height - beside))
        training = self._training
        found = trained(self._tree, self._names, training.num_layers, training.rank, training.adapter)
        self._count.show(_count_words(found, self._tree.parameters, self._keys, training.method))
        self._tell()

    def _lines(self, width: int) -> Iterator[Line]:
        names = max(map(len, [*self._by_name, *self._foreign]), default=0)
        shapes = _SHAPE if width >= _ROOM_FOR_SHAPES else 0
        room = max(12, min(names, width - 2 - shapes - _LAYERS - _COUNT))
        columns = f"{'in → out' if shapes else '':>{shapes}}{'layers':>{_LAYERS}}{'trains':>{_COUNT}}"
        for group in Group:
            entries = [entry for entry in self._entries if entry.group is group]
            if entries:
                yield Line(None, Content.assemble((f"{group.value:<{room + 2}}", "bold"), (columns, "$text-muted")))
                columns = ""
            yield from (Line(entry.name, self._line(entry, room, shapes)) for entry in entries)
        if self._foreign:
            yield Line(None, Content.styled(ELSEWHERE, "bold"))
        yield from (Line(key, self._foreign_line(key, room)) for key in self._foreign)

    def _line(self, entry: Choosable, room: int, shapes: int) -> Content:
        shape = _shape(entry.targets[0]) + ("…" if len(entry.targets) > 1 else "") if shapes else ""
        layers = "–" if entry.group is Group.OUTSIDE else f"{entry.trained} of {entry.places}"
        count = "✗" if entry.parameters is None else _short(entry.parameters)
        is_in = entry.name in self._names
        return Content.assemble(
            _mark(is_in),
            (f"{_fitted(entry.name, room):<{room}}", "" if is_in else "$text-muted"),
            (f"{shape:>{shapes}}{layers:>{_LAYERS}}", "$text-muted"),
            (f"{count:>{_COUNT}}", "$text-error" if entry.parameters is None else "" if is_in else "$text-muted"),
        )

    def _foreign_line(self, key: str, room: int) -> Content:
        words = "  ▲ matches nothing here" if key in self._useless else "  by its path from the root"
        tone = "$text-warning" if key in self._useless else "$text-muted"
        return Content.assemble(_mark(key in self._names), f"{_fitted(key, room):<{room}}", (words, tone))

    @on(LineList.Moved)
    def _tell(self) -> None:
        name = self._list.chosen or ""
        entry = self._by_name.get(name)
        if entry is not None:
            self._about.show(_about_words(entry, self._training))
        elif name in self._useless:
            words = f"{name} is the path of no module in a trained layer: it changes nothing"
            meant = next((known for known in self._by_name if known.endswith(f".{name}")), "")
            self._about.show(Content(printable(words + (f"; {meant} was meant?" if meant else "."))))
        else:
            self._about.show(Content(printable(f"{name} is looked for from the model's root.") if name else ""))

    # What is chosen

    @on(LineList.Chosen)
    def action_flip(self) -> None:
        if name := self._list.chosen:
            self._names ^= {name}
            self._show()

    def action_choose(self, what: str) -> None:
        """Of the layers' modules: all, none, those of attention, or of attention and MLP."""
        wanted: dict[str, Callable[[Group], bool]] = {
            "all": lambda group: True,
            "none": lambda group: False,
            "attention": lambda group: group is Group.ATTENTION,
            "mlp": lambda group: group in (Group.ATTENTION, Group.MLP),
        }
        self._names = frozenset(name for name in every_name(self._tree) if wanted[what](group_of(name)))
        self._show()

    def action_take(self) -> None:
        if not self._names:
            self._count.show(Content.styled("✗ Nothing would be trained: take a module in with Space.", "$text-error"))
            return
        before = self._training.keys
        unchanged = self._names == (every_name(self._tree) if before is None else frozenset(before))
        self.dismiss(None if unchanged else Chosen(self._keys))


def _mark(is_in: bool) -> tuple[str, str]:
    return ("✓ ", "$text-success bold") if is_in else ("· ", "$text-muted")


def _shape(target: Target) -> str:
    stack = f"{target.experts} × " if target.experts else ""
    return f"{stack}{target.inputs} → {target.outputs}"


def _fitted(name: str, room: int) -> str:
    """Its end tells a name from the others."""
    name = printable(name)
    return name if len(name) <= room else f"…{name[len(name) - room + 1 :]}"


def _short(count: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}" if count < 1000 * size else f"{count / size:.0f}{letter}"
    return str(count)


def _about_words(entry: Choosable, training: Training) -> Content:
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


def _kind(target: Target) -> str:
    return f"{target.kind}, {target.bits} bits" if target.bits else target.kind


def _layers(count: int) -> str:
    return f"{count} layer{'s' * (count != 1)}"


def _count_words(found: Trained, parameters: int, keys: Sequence[str] | None, method: str) -> Content:
    share = f"{found.share:.3%}".replace("%", " %")
    counted = Content.assemble(
        (f"{found.parameters:,} trainable parameters", "bold"),
        f", {share} of the model's {_short(parameters)}",
    )
    second = Content("")
    if found.refusal:
        second = Content.styled(f"✗ {printable(found.refusal)}", "$text-error")
    elif not found.parameters:
        second = Content.styled("▲ Nothing would be trained, and mlx-lm would fail.", "$text-warning")
    elif method == "full":
        second = Content.styled(
            "▲ fine_tune_type full trains whole layers: keys are for lora and dora.", "$text-warning"
        )
    elif keys is None:
        second = Content.styled("All modules of the layers, which mlx-lm takes without any keys.", "$text-muted")
    return Content("\n").join([counted, second])
