"""A signal ended the trainer, and nothing says that it was for want of memory."""

import signal

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence
from app.runs.crash.smaller_steps import FIT
from app.runs.crash.trace import place_of

_CRASHES = {
    signal.SIGSEGV: "it used memory that is not its own",
    signal.SIGBUS: "memory that it was given was not there, as when a file that is mapped into it gets shorter",
    signal.SIGABRT: "a library gave up, and what it said last is in the log",
    signal.SIGILL: "this processor lacks an instruction that it was built for",
    signal.SIGFPE: "it divided by zero",
}
_ASKED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def recognise(evidence: Evidence) -> Cause | None:
    number = evidence.signal
    if number is None:
        return None
    if number == signal.SIGKILL:
        title = f"The trainer was killed by {_name(number)}"
        return Cause("killed", title, _why_killed(evidence), _when_unsure(evidence))
    if number in _ASKED:
        why = "Somebody, or the end of a session or of the computer, ended it before it could save."
        return Cause("killed", f"The trainer was ended by {_name(number)}", why)
    if number == signal.SIGXCPU:
        why = "It used more processor time than it was allowed."
        return Cause("killed", f"The trainer was ended by {_name(number)}", why, (Proposal("Raise ulimit -t."),))
    return _crash(evidence, number)


def _crash(evidence: Evidence, number: int) -> Cause:
    what = _CRASHES.get(signal.Signals(number), "") if _is_known(number) else ""
    place = place_of(evidence.trace)
    why = f"MLX or another library crashed{f': {what}' if what else ''}."
    why += f" Python was at {place}." if place else ""
    cpu = Proposal("On MLX's CPU backend a crash may be memory that was refused: Fit memory (f on the forms) tells.")
    report = Proposal("If it comes again at the same place, report it to MLX with the trace.")
    return Cause("crashed", f"The trainer crashed with {_name(number)}", why, (cpu, report))


def _why_killed(evidence: Evidence) -> str:
    if evidence.pulse is None and evidence.oom_kills is None:
        return "Somebody did it, or the system, which ends a process so when memory runs out; nobody recorded which."
    return "Somebody, a job scheduler or a container did it: memory was not short."


def _when_unsure(evidence: Evidence) -> tuple[Proposal, ...]:
    return (FIT,) if evidence.pulse is None and evidence.oom_kills is None else ()


def _name(number: int) -> str:
    return f"signal {number} ({signal.Signals(number).name})" if _is_known(number) else f"signal {number}"


def _is_known(number: int) -> bool:
    return number in {each.value for each in signal.Signals}
