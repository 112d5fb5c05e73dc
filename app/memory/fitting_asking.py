"""Estimates for a search, which asks about many trainings: from traces, made as sparingly as may be."""

from collections.abc import Callable

from app.memory.estimate import Estimate
from app.memory.estimates import Estimates
from app.memory.job import Job
from app.memory.tracing import Tracer


class Asking:
    """Not for several threads at once."""

    def __init__(self, estimates: Estimates, tracer: Tracer, before: Callable[[Job], None] = lambda job: None):
        """`before` is called before each trace, which takes a second or two; what it raises ends the search."""
        self._estimates, self._tracer, self._before = estimates, tracer, before
        self._asked: set[str] = set()
        """Structures of which a point was traced."""

    def estimate(self, job: Job) -> Estimate:
        """What is known already, or a trace. Raises Untraceable."""
        if (known := self._estimates.load(job)) is not None:
            return known
        self._before(job)
        structure = self._estimates.structure(job)
        # Curves take most of a trace's time, so they come with the second point that is asked of a structure.
        with_curves = structure in self._asked
        self._asked.add(structure)
        return self._estimates.trace(job, self._tracer, with_curves=with_curves)
