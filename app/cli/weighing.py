"""A file's training, weighed against a machine: what `estimate` and `fit` have in common."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.cli.known_data import tell_rows
from app.cli.sizes import parse_size
from app.cli.status_line import say
from app.config.config import METHOD, Config, native
from app.config.dialect import resolve
from app.config.document import ConfigError, Document, read
from app.data.lengths import Lengths
from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory, system_memory
from app.machine.pressure import pressure
from app.machine.state import MachineState
from app.memory.calibration import read_calibration
from app.memory.ceiling import gpu_ceiling
from app.memory.environment import environment
from app.memory.estimate import Estimate, exact_parts
from app.memory.estimates import Estimates
from app.memory.fitting import judge
from app.memory.fitting_asking import Asking
from app.memory.job import Job, in_four_bits, rows_bytes
from app.memory.trace_store import trace_folder
from app.memory.tracing import Tracer, Untraceable
from app.memory.verdict import Level, Verdict, overall, verdicts
from app.models.adapters import trained_sizes
from app.session.data_reading import count_tokens
from app.session.facts import Learned, job_for, learn_model
from app.session.state_file import state_folder

EXIT_CODES = {Level.GREEN: 0, Level.YELLOW: 1, Level.RED: 2, Level.UNKNOWN: 3}
UNUSABLE, INTERRUPTED = 2, 130
_GPU, _PRESSURE = "GPU memory", "pressure and swap"


@dataclass
class Weighing:
    """Of a file that could be read. `problem` says in a sentence why nothing can be estimated; empty when it can."""

    document: Document
    config: Config
    learned: Learned
    lengths: Lengths | None
    machine: MachineState
    is_here: bool
    """Whether the machine is this one; else live pressure says nothing of it."""
    estimates: Estimates
    asking: Asking
    problem: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def job(self) -> Job | None:
        return self.job_of(self.config)

    def job_of(self, config: Config) -> Job | None:
        return job_for(config, self.learned, self.lengths)

    def estimate(self, config: Config) -> Estimate | None:
        """From traces, made where they are missing; None where there can be none. Raises Untraceable."""
        job = self.job_of(config)
        return self.asking.estimate(job) if job else None

    def in_four_bits(self, config: Config) -> Estimate | None:
        """The same on the base in 4 bits; None where that cannot be built."""
        job = self.job_of(config)
        packed = in_four_bits(job) if job else None
        try:
            return self.asking.estimate(packed) if packed else None
        except Untraceable:
            return None

    def certain(self) -> Estimate | None:
        """What is known without a trace."""
        facts, config = self.learned.facts, native(self.config)
        full = self.config.values[METHOD] == "full"
        return exact_parts(facts, trained_sizes(facts, config), full=full) if facts else None

    def verdicts(self, estimate: Estimate | None) -> tuple[Verdict, ...]:
        found = verdicts(estimate, self.machine, rows_bytes=rows_bytes(self.lengths))
        if not self.is_here:
            found = tuple(verdict for verdict in found if verdict.subject != _PRESSURE)
        return (*self._unknown_ceiling(), *found)

    def level(self, estimate: Estimate) -> Level:
        """Without live pressure, which no change of a training mends."""
        level = judge(self.machine, rows_bytes(self.lengths))(estimate)
        return overall((*self._unknown_ceiling(), Verdict(level, "", ""))).level

    def _unknown_ceiling(self) -> tuple[Verdict, ...]:
        """A Mac of another size gives its GPU no fixed share of its memory, so nothing is made up."""
        if self.machine.ceiling is not None or self.estimates.environment.backend == "cpu":
            return ()
        words = "what that machine gives its GPU is not known: name it with --ceiling"
        return (Verdict(Level.UNKNOWN, _GPU, words),)


def add_machine_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--ram", type=parse_size, metavar="SIZE", help="judge for a machine with so much memory, such as 16GB or 16GiB"
    )
    parser.add_argument(
        "--ceiling",
        type=parse_size,
        metavar="SIZE",
        help="judge for a GPU that may use so much: max_recommended_working_set_size of mx.device_info() on that Mac",
    )


@contextmanager
def weighing(args: Namespace) -> Iterator[Weighing]:
    """Reads the file, its model and its data, which takes seconds. Raises ConfigError."""
    document = read(args.file)
    resolution = resolve(document)
    for problem in resolution.problems:
        raise ConfigError(problem.message, document.path, problem.line, problem.key)
    config, start = resolution.config, Path.cwd()
    learned = learn_model(str(config.values["model"]), start)
    estimates = Estimates(environment(), read_calibration(state_folder()), trace_folder())
    machine = _machine(args.ram, args.ceiling, estimates.environment.backend)
    is_here = args.ram is None and args.ceiling is None
    tracer = Tracer()
    found = Weighing(document, config, learned, None, machine, is_here, estimates, Asking(estimates, tracer, _tell))
    try:
        found.problem = _problem(config, learned)
        if not found.problem:
            _count_rows(found, start)
        if not is_here:
            found.notes.append(_stands_in(args, estimates.environment.backend))
        yield found
    finally:
        say("")
        tracer.close()


def _tell(job: Job) -> None:
    say(f"tracing {job.point.batch} x {job.point.width} tokens …")


def _machine(ram: int | None, ceiling: int | None, backend: str) -> MachineState:
    """This one, or one of another size: then nothing else is taken to be open on it."""
    if ram is None and ceiling is None:
        return MachineState(system_memory(), pressure(), (), gpu_ceiling())
    here = system_memory()
    source = CeilingSource.CUDA if backend == "cuda" else CeilingSource.METAL
    given = GpuCeiling(ceiling, source) if ceiling is not None else None
    memory = SystemMemory(ram, ram, 0, 0) if ram is not None else replace(here, available=here.total, swap_used=0)
    return MachineState(memory, None, (), given)


def _stands_in(args: Namespace, backend: str) -> str:
    words = ["judged as if nothing else were open on that machine"]
    if args.ceiling is None and backend == "cpu":
        words.append("by its memory alone, as for a processor: add --ceiling for a Mac's GPU")
    elif args.ram is None:
        words.append("with as much memory as this one: add --ram for another")
    if args.ceiling is not None and backend == "cpu":
        words.append("the peak is that of MLX on a processor, and a GPU's may be a third more: a probe there tells")
    return "; ".join(words)


def _problem(config: Config, learned: Learned) -> str:
    if not config.values["train"]:
        return "train is false, so nothing is trained."
    if learned.facts is None:
        return learned.problem
    if learned.facts.cannot_train:
        return learned.facts.cannot_train
    if learned.job is None:
        return "The model is not on this computer, so its step cannot be traced: download it first."
    return ""


def _count_rows(weighing: Weighing, start: Path) -> None:
    counted = count_tokens(weighing.config, start, tell_rows)
    say("")
    if isinstance(counted, Lengths):
        weighing.lengths = counted
    elif counted:
        longest = weighing.config.values["max_seq_length"]
        weighing.notes.append(f"every row is taken to be {longest} tokens long, as the data is not known: {counted}")
