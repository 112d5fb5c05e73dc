"""Estimates for a search, which asks about many trainings: from traces, made as sparingly as may be."""

from collections.abc import Callable
from dataclasses import replace

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
        validation = job.validation
        if validation is not None and validation.width > job.point.width:
            # Only curves tell of rows that are wider in validation: a point that is known by itself leaves them out.
            self._estimate(replace(job, point=validation, validation=None), with_curves=True)
        return self._estimate(job)

    def _estimate(self, job: Job, with_curves: bool = False) -> Estimate:
        if (known := self._estimates.load(job)) is not None:
            return known
        self._before(job)
        structure = self._estimates.structure(job)
        with_curves = with_curves or structure in self._asked
        self._asked.add(structure)
        # Curves take most of a trace's time, so they come with the second point that is asked of a structure. What goes
        # on once without them is the exact look at the point itself.
        exact_look = iter([True])
        return self._estimates.trace(job, self._tracer, lambda: with_curves or next(exact_look, False))
