"""Every estimate that can be given: of what was traced now or earlier, corrected by what was measured here."""

from dataclasses import replace
from pathlib import Path

from app.memory.band import estimate_of
from app.memory.calibration import Calibration
from app.memory.environment import Environment
from app.memory.estimate import Estimate, Method
from app.memory.estimating import Peak, Traced, estimate, queue_of
from app.memory.job import Job
from app.memory.simulator.peak import of_few_updates
from app.memory.trace_store import load_trace, save_trace
from app.memory.tracing import Tracer


class Estimates:
    """Not for several threads at once."""

    def __init__(self, environment: Environment, calibration: Calibration, folder: Path | None):
        """`folder` keeps traces between starts; None keeps them in memory alone."""
        self.environment, self.calibration = environment, calibration
        self._folder = folder
        self._traced: dict[str, Traced] = {}
        self._looked_for: set[str] = set()
        self._last: dict[str, Traced] = {}
        """By model, what was asked for last."""

    def structure(self, job: Job) -> str:
        return job.structure(str(self.environment))

    def has(self, job: Job) -> bool:
        """Whether its point is known, or the curves of its structure are on their way."""
        traced = self._traced.get(self.structure(job))
        if traced is None:
            return False
        are_coming = not traced.curves and not traced.is_alone
        return are_coming or traced.at(job.point, job.validation) is not None

    def known(self, job: Job) -> Estimate | None:
        """At once, without a trace; None when this point of its structure is not known."""
        traced = self._traced.get(self.structure(job))
        return self._estimate(traced, job) if traced else None

    def uncorrected(self, job: Job) -> int | None:
        """Bytes of the peak as it was simulated, to be held against what a probe measures."""
        traced = self._traced.get(self.structure(job))
        peak = traced.at(job.point, job.validation) if traced else None
        return self._likely(peak, job) if peak else None

    def load(self, job: Job) -> Estimate | None:
        """The same after a look at the disk, once a structure."""
        structure = self.structure(job)
        if self._folder and structure not in self._traced and structure not in self._looked_for:
            self._looked_for.add(structure)
            if traced := load_trace(self._folder, structure):
                self._traced[structure] = traced
        return self.known(job)

    def like(self, job: Job, parts: Estimate) -> Estimate | None:
        """Provisionally, from the training of the same model that was looked at last; `parts` is what is certain."""
        traced = self._last.get(job.model_identity)
        peak = traced.at(job.point, job.validation) if traced else None
        if peak is None:
            return None
        likely = max(peak.bytes, parts.low_bytes)
        return replace(parts, peak_bytes=likely, method=Method.NEIGHBOUR, phase=peak.phase)

    def learn(self, traced: Traced) -> None:
        """What a trace has taught. Curves that are known already stay."""
        self._traced[traced.structure] = traced.after(self._traced.get(traced.structure))

    def trace(self, job: Job, tracer: Tracer, *, with_curves: bool = True) -> Estimate:
        """Traces what is not known: the point, and all others that are on its curves. Raises Untraceable."""
        if (found := self.load(job)) is not None:
            return found
        queue = queue_of(self.environment.backend)
        for traced in estimate(job, self.structure(job), tracer, queue, with_curves=with_curves):
            self.learn(traced)
        if self._folder:
            save_trace(self._folder, traced)
        found = self.known(job)
        assert found is not None
        return found

    def _likely(self, peak: Peak, job: Job) -> int:
        is_cpu = self.environment.backend == "cpu"
        return of_few_updates(peak.bytes, peak.low, job.updates) if is_cpu else peak.bytes

    def _estimate(self, traced: Traced, job: Job) -> Estimate | None:
        peak = traced.at(job.point, job.validation)
        if peak is None:
            return None
        self._last[job.model_identity] = traced
        peak = replace(peak, bytes=self._likely(peak, job))
        backend, predictor = self.environment.backend, self.environment.predictor
        correction = self.calibration.factor(traced.structure, backend, predictor, job.point.batch, job.point.width)
        return estimate_of(peak, backend, traced.unknown, correction)
