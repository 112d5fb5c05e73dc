"""What each primitive does to memory, as far as it is known on the CPU backend: one file for each family."""

from app.memory.simulator.rules.copies import COPIES
from app.memory.simulator.rules.elementwise import ELEMENTWISE
from app.memory.simulator.rules.fast import FAST
from app.memory.simulator.rules.products import PRODUCTS
from app.memory.simulator.rules.reductions import REDUCTIONS
from app.memory.simulator.rules.rule import Rule, allocate_outputs
from app.memory.simulator.rules.views import VIEWS

RULES: dict[str, Rule] = {**VIEWS, **COPIES, **ELEMENTWISE, **PRODUCTS, **REDUCTIONS, **FAST}
"""By the name of the primitive."""

__all__ = ["RULES", "allocate_outputs"]
