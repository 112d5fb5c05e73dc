"""Which modules get an adapter: the model's own, with their shapes, and what training them comes to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.models.lora_targets import Group, choosable, effect_of, every_name, group_of, trained
from app.ui.module_words import Columns, Training, about_entry, about_other, count_words
from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.words import Words
from app.wire.module_tree import ModuleTree
from app.wire.text import printable

ELSEWHERE = "Other keys of the file"
_BESIDE, _BESIDE_SHORT = 11, 7
"""Lines of the dialog beside the list, its border included; `-short` leaves some of them out."""


@dataclass(frozen=True)
class Chosen:
    keys: tuple[str, ...] | None


class CheckList(LineList):
    BINDINGS = [Binding("space", "screen.flip", show=False), Binding("enter", "screen.take", show=False)]


class Modules(Question[Chosen]):
    """Space or a click takes a module in or out. Enter applies; Escape, and no change, answer None."""

    CSS_PATH = "modules.tcss"
    AUTO_FOCUS = "#entries"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-high")]
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", show=False),
        Binding("a", "choose('all')", show=False),
        Binding("n", "choose('none')", show=False),
        Binding("t", "choose('attention')", show=False),
        Binding("m", "choose('mlp')", show=False),
    ]

    def __init__(self, model: str, tree: ModuleTree, training: Training):
        super().__init__()
        self._model, self._tree, self._training = model, tree, training
        self._entries = {
            entry.name: entry for entry in choosable(tree, training.num_layers, training.rank, training.adapter)
        }
        self._others = {
            key: effect_of(tree, key, training.num_layers) for key in training.keys or () if key not in self._entries
        }
        self._names = every_name(tree) if training.keys is None else frozenset(training.keys)
        """That are taken in."""
        self._list = CheckList(id="entries")
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

    def _show(self) -> None:
        lines, training = list(self._lines()), self._training
        self._list.show(lines)
        beside = _BESIDE_SHORT if self.has_class("-short") else _BESIDE
        self._list.styles.height = max(1, min(len(lines), self.size.height - beside))
        found = trained(self._tree, self._names, training.num_layers, training.rank, training.adapter)
        self._count.show(count_words(found, self._tree.parameters, self._keys is None, training.method))
        self._tell()

    def _lines(self) -> Iterator[Line]:
        columns = Columns.within(self._list.content_size.width, [*self._entries, *self._others])
        is_first = True
        for group in Group:
            entries = [entry for entry in self._entries.values() if entry.group is group]
            if entries:
                yield Line(None, columns.group_line(group.value, is_first))
                is_first = False
            yield from (Line(entry.name, columns.line(entry, entry.name in self._names)) for entry in entries)
        if self._others:
            yield Line(None, columns.group_line(ELSEWHERE, False))
        for key, effect in self._others.items():
            yield Line(key, columns.other_line(key, effect, key in self._names))

    @on(LineList.Moved)
    def _tell(self) -> None:
        """What the module under the cursor is."""
        name = self._list.chosen
        if name in self._entries:
            self._about.show(about_entry(self._entries[name], self._training))
        elif name in self._others:
            self._about.show(about_other(name, self._others[name], self._entries))

    @property
    def _keys(self) -> tuple[str, ...] | None:
        """As they would be written: none for every module of the layers, else in the file's and the model's order."""
        if self._names == every_name(self._tree):
            return None
        before = [key for key in self._training.keys or () if key in self._names]
        return tuple(dict.fromkeys([*before, *(name for name in self._entries if name in self._names)]))

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
