"""What `fit` proposes, measured: 20 random trainings, each on a machine that is too small for it."""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from app.config.config import LORA_BLOCK, RANK, Config, defaults, edit, native
from app.data.lengths import Lengths, SetLengths, padded_width
from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.state import MachineState
from app.memory.calibration import Calibration
from app.memory.environment import environment
from app.memory.estimate import Estimate
from app.memory.estimates import Estimates
from app.memory.family import Point
from app.memory.fitting import VARIED, Largest, Proposal, Training, cheapest, judge, largest
from app.memory.job import Job, job_of
from app.memory.tracing import Tracer
from app.memory.verdict import Level
from app.models.cache import find_model
from bench.memory.case import Case, encode
from bench.row import Row

SEED, DRAWN = 20_261_124, 20
_ROOM = 10**12
"""Bytes of memory beside the ceiling, which alone decides here."""
_ARCHITECTURES = ("llama", "qwen2", "qwen3", "smollm3", "gemma2", "gemma3_text", "phi3", "olmo2", "mixtral")


@dataclass(frozen=True)
class Outcome:
    """Bytes. `is_next_green` is None where there was no next step."""

    title: str
    ceiling: int
    needed: int
    measured: int
    is_next_green: bool | None = None

    @property
    def is_right(self) -> bool:
        return self.measured <= self.ceiling and not self.is_next_green


def run() -> list[Row]:
    drawing, tracer = random.Random(SEED), Tracer()
    rows, right, outcomes = [], 0, 0
    try:
        for _ in range(DRAWN):
            case = _drawn(drawing)
            for outcome in _outcomes(case, drawing, tracer):
                outcomes, right = outcomes + 1, right + outcome.is_right
                rows.append(_row(case, outcome))
                print(f"{rows[-1].ratio:>8}  {rows[-1].what}: {rows[-1].detail}", file=sys.stderr, flush=True)
    finally:
        tracer.close()
    words = "measured below the ceiling, and one step more not green"
    return [*rows, Row(f"fit, {DRAWN} trainings: {words}", f"{right} of {outcomes}", "on the CPU backend")]


def _row(case: Case, outcome: Outcome) -> Row:
    sizes = (outcome.needed, outcome.ceiling, outcome.measured)
    needed, ceiling, measured = (f"{size / 1e6:.1f}" for size in sizes)
    following = {None: "", False: "; the next is not green", True: "; THE NEXT IS GREEN"}[outcome.is_next_green]
    detail = f"{outcome.title}: {measured} MB measured of {ceiling} there, {needed} needed before{following}"
    return Row(f"fit: {case}", f"{outcome.measured / outcome.ceiling:.1%}", detail)


def _outcomes(case: Case, drawing: random.Random, tracer: Tracer) -> Iterator[Outcome]:
    """Of the cheapest way, and of the largest value that a key drawn at random then can have."""
    with tempfile.TemporaryDirectory() as folder:
        _python("bench.memory.model", case, folder)
        job, depth = _job(folder)
        estimates, lengths = Estimates(environment(), Calibration(), None), _lengths(case)

        def ask(config: Config) -> Estimate | None:
            width = padded_width(lengths.train, config.values["max_seq_length"])
            point = Point(config.values["batch_size"], width or 0)
            return estimates.trace(replace(job, config=native(config), point=point), tracer)

        config = _config(case)
        needed = ask(config).peak_bytes
        weights = job.folder.joinpath("model.safetensors").stat().st_size
        ceiling = round(weights + drawing.uniform(0.2, 0.9) * (needed - weights))
        machine = MachineState(SystemMemory(_ROOM, _ROOM, 0, 0), None, (), GpuCeiling(ceiling, CeilingSource.METAL))
        training = Training(config, ask, judge(machine), lengths, depth)
        for proposal in cheapest(training)[:1]:
            mended = _changed(config, proposal)
            yield Outcome(proposal.title, ceiling, needed, _measured(case, mended, folder))
            found = _largest(replace(training, config=mended), drawing)
            measured = _measured(case, _changed(mended, found.proposal), folder)
            beyond = found.beyond_estimate
            is_green = None if beyond is None else training.level(beyond) is Level.GREEN
            yield Outcome(f"then the largest {found.key}, {found.value}", ceiling, needed, measured, is_green)


def _largest(training: Training, drawing: random.Random) -> Largest:
    """Of a key that has a next step, if there is one."""
    found = None
    for key in drawing.sample(VARIED, len(VARIED)):
        found = largest(training, key) or found
        if found and found.beyond_estimate:
            break
    assert found is not None, "what was proposed is green"
    return found


def _job(folder: str) -> tuple[Job, int]:
    facts = find_model(folder, Path.cwd())
    assert facts is not None and facts.layers is not None
    job = job_of(facts, {}, Point(1, 1), trusts_remote_code=False)
    assert job is not None
    return job, facts.layers


def _lengths(case: Case) -> Lengths:
    return Lengths(SetLengths(((case.tokens, 1000),)), SetLengths(((case.tokens, 100),)))


def _config(case: Case) -> Config:
    values = {"batch_size": case.batch, "max_seq_length": case.max_seq_length, **case.config}
    lora = values.pop(LORA_BLOCK, {})
    changes = {**values, **{f"{LORA_BLOCK}.{key}": value for key, value in lora.items()}}
    return reduce(lambda config, change: edit(config, *change), changes.items(), defaults())


def _changed(config: Config, proposal: Proposal) -> Config:
    return reduce(lambda config, change: edit(config, *change), proposal.changes, config)


def _measured(case: Case, config: Config, folder: str) -> int:
    changed = config.values
    training: dict[str, Any] = {
        **case.training,
        **{key: changed[key] for key in ("num_layers", "grad_checkpoint", "grad_accumulation_steps")},
    }
    if LORA_BLOCK in training:
        training[LORA_BLOCK] = {**training[LORA_BLOCK], "rank": changed[RANK]}
    other = replace(case, batch=changed["batch_size"], max_seq_length=changed["max_seq_length"], training=training)
    return max(json.loads(_python("bench.memory.measure", other, folder)))


def _drawn(drawing: random.Random) -> Case:
    """float32 alone: on a processor bfloat16 takes minutes."""
    architecture = drawing.choice(_ARCHITECTURES)
    is_moe, layers = architecture == "mixtral", drawing.randint(3, 6)
    kind = drawing.choice(("lora", "lora", "lora", "full" if is_moe else "dora", "full"))
    training: dict[str, Any] = {"fine_tune_type": kind, "num_layers": drawing.choice((-1, layers, layers // 2))}
    if kind == "full":
        training["optimizer"] = drawing.choice(("adamw", "sgd"))
    else:
        training[LORA_BLOCK] = {"rank": drawing.choice((4, 8, 16)), "scale": 20.0, "dropout": 0.0}
    training["grad_checkpoint"] = drawing.random() < 0.3
    training["grad_accumulation_steps"] = drawing.choice((1, 1, 2))
    return Case(
        architecture,
        hidden=drawing.choice((128, 192, 256)),
        layers=layers,
        vocabulary=drawing.choice((4_000, 8_192, 16_000)),
        tied=not is_moe and architecture != "phi3",
        bits=None if kind == "full" else drawing.choice((None, None, 4)),
        batch=drawing.choice((1, 2, 3, 4)),
        tokens=drawing.randint(60, 300),
        max_seq_length=drawing.choice((128, 256, 512)),
        training=training,
    )


def _python(module: str, case: Case, folder: str) -> str:
    command = [sys.executable, "-m", module, encode(case), folder]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
