"""Choosing the modules that get an adapter, among the model's own."""

from collections.abc import Callable
from textwrap import shorten

from app.checks.finding import Fix
from app.config.config import KEYS, METHOD, RANK
from app.models.module_tree import learn_modules
from app.ui.actions.work import work_on
from app.ui.deck import Deck
from app.ui.module_words import Training
from app.ui.screens.modules import Chosen, Modules
from app.wire.module_tree import ModuleTree

_LONGEST = 300
"""Characters of a sentence: what a model says of its weights may go on for hundreds of lines."""


async def modules(app: Deck) -> None:
    """What is chosen is one step of undo."""
    tree = await _tree(app)
    if tree is None:
        return
    if isinstance(tree, str):
        app.tell(shorten(tree, _LONGEST, placeholder=" …"), "warning")
        return
    values = app.session.snapshot.config.values
    keys = None if values[KEYS] is None else tuple(values[KEYS])
    training = Training(keys, values["num_layers"], values[RANK], values[METHOD])
    chosen: Chosen | None = await app.push_screen_wait(Modules(str(values["model"]), tree, training))
    if chosen is not None:
        app.session.apply_edits(Fix("LoRA modules", ((KEYS, chosen.keys and list(chosen.keys)),)))
    await app.go_to_field(KEYS)


async def _tree(app: Deck) -> ModuleTree | str | None:
    """Built once for each model, as long as its files stay the same; None when that was given up."""
    snapshot = app.session.snapshot
    name, trusts = app.session.known.model_name, bool(snapshot.config.values["trust_remote_code"])
    job = snapshot.model.job if snapshot.model is not None and snapshot.model.name == name else None
    of = (job.folder, job.model_identity, job.has_weights, trusts) if job is not None else None
    if of is None or of not in app.module_trees:

        def learn(say: Callable[[str], None], cancelled: Callable[[], bool]) -> ModuleTree | str | None:
            say("building the model without its weights …")
            return learn_modules(name, app.start_directory, trusts, cancelled)

        tree = await work_on(app, f"The modules of {name}", learn)
        if of is None or not isinstance(tree, ModuleTree):
            return tree
        app.module_trees[of] = tree
    return app.module_trees[of]
