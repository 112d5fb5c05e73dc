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
        return self._estimates.trace(job, self._tracer, self._wants_curves(job))

    def _wants_curves(self, job: Job) -> Callable[[], bool]:
        """Curves take most of a trace's time, so they come with the second point that is asked of a structure.

        What goes on without them is the exact look at the point itself. Rows that are wider in validation are only told
        by curves.
        """
        structure, validation = self._estimates.structure(job), job.validation
        wants = structure in self._asked or (validation is not None and validation.width > job.point.width)
        self._asked.add(structure)
        exact_look = iter([True])
        return lambda: wants or next(exact_look, False)
