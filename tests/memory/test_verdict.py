"""What is said of memory. Macs are faked by their figures as reported; nothing here ran on one."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.state import MachineState
from app.memory.estimate import Estimate, Part
from app.memory.verdict import Level, Verdict, overall, verdicts

GB = 10**9
GPU, RAM, PRESSURE = "GPU memory", "memory", "pressure and swap"


def machine(total, available, ceiling=None, source=CeilingSource.METAL, pressure=None, swap=0) -> MachineState:
    memory = SystemMemory(total, available, total - available, swap, 2 * swap)
    return MachineState(memory, pressure, (), GpuCeiling(ceiling, source) if ceiling else None)


MAC_16GB = machine(17_179_869_184, 5 * GB, 11_840_000_000, pressure=Pressure.NORMAL)
CARD = machine(16 * GB, 12 * GB, 25 * GB, CeilingSource.CUDA)


def need(weights, adapter=0, optimizer=0) -> Estimate:
    parts = {"weights": weights, "adapter": adapter, "optimizer": optimizer}
    kept = tuple(Part(name, size) for name, size in parts.items() if size)
    return Estimate(kept, weights + adapter + optimizer, None, None, "exact parts alone")


def on(subject, *arguments) -> Verdict:
    return next(verdict for verdict in verdicts(*arguments) if verdict.subject == subject)


def test_a_mac_is_judged_by_metals_ceiling_its_memory_and_its_pressure():
    found = verdicts(need(6_170_000_000, 20_000_000, 40_000_000), MAC_16GB)
    assert [(verdict.level, verdict.subject, verdict.words) for verdict in found] == [
        (
            Level.UNKNOWN,
            GPU,
            "needs at least 6.2 GB for weights, adapter and optimizer; Metal gives the GPU 11.8 GB",
        ),
        (
            Level.UNKNOWN,
            RAM,
            "needs at least 6.2 GB for weights, adapter and optimizer; 5.0 GB of 17.2 GB are available now,"
            " so others may have to give up 1.2 GB",
        ),
        (Level.UNKNOWN, PRESSURE, "memory pressure is normal now, no swap in use"),
    ]


def test_more_than_metal_gives_is_red_by_how_much():
    verdict = on(GPU, need(14_240_000_000), MAC_16GB)
    assert verdict.level is Level.RED
    assert verdict.words == "needs at least 14.2 GB for weights; Metal gives the GPU 11.8 GB: 2.4 GB too little"


def test_a_hair_too_much_is_not_called_nothing():
    assert on(GPU, need(11_840_000_001), MAC_16GB).words.endswith(": 1 MB too little")


def test_what_others_hold_is_never_red_but_what_the_machine_cannot_have_is():
    busy = machine(16 * GB, 0)
    assert on(RAM, need(15 * GB), busy).level is Level.UNKNOWN
    verdict = on(RAM, need(15 * GB, optimizer=200_000_000), busy)
    assert verdict.level is Level.RED
    assert verdict.words == (
        "needs at least 15.2 GB for weights and optimizer; this machine has 16.0 GB, of which the system keeps"
        " at least 1.0 GB: 0.2 GB too little"
    )


def test_a_processor_has_no_verdict_on_a_gpu():
    assert [verdict.subject for verdict in verdicts(need(GB), machine(8 * GB, 6 * GB))] == [RAM, PRESSURE]


def test_a_card_has_memory_of_its_own():
    assert on(GPU, need(26 * GB), CARD).words.endswith("the GPU has 25.0 GB: 1.0 GB too little")
    assert on(RAM, need(20 * GB), CARD).level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("pressure", "swap", "level", "words"),
    [
        (Pressure.CRITICAL, 3_100_000_000, Level.RED, "memory pressure is critical now, 3.1 GB of swap in use"),
        (Pressure.WARNING, 0, Level.YELLOW, "memory pressure is raised now, no swap in use"),
        (Pressure.NORMAL, 20_000_000, Level.UNKNOWN, "memory pressure is normal now, 20 MB of swap in use"),
        (None, 0, Level.UNKNOWN, "no swap in use; this system tells no memory pressure"),
    ],
)
def test_live_pressure_is_a_verdict_of_its_own(pressure, swap, level, words):
    state = machine(16 * GB, 9 * GB, pressure=pressure, swap=swap)
    verdict = on(PRESSURE, need(GB), state)
    assert verdict.level is level
    assert words in verdict.words
    assert on(RAM, need(GB), state).level is Level.UNKNOWN
    assert overall(verdicts(need(GB), state)).level is level


def test_without_an_estimate_nothing_is_claimed():
    assert on(GPU, None, MAC_16GB).words == "the size of the model is not known; Metal gives the GPU 11.8 GB"
    assert on(RAM, None, MAC_16GB).level is Level.UNKNOWN


def test_a_run_under_way_is_judged_by_the_peak_that_it_has_reached():
    estimate = need(6_200_000_000)
    assert on(GPU, estimate, MAC_16GB, 7_230_000_000).words.startswith("the run has reached 7.2 GB; Metal gives")
    over = on(GPU, estimate, MAC_16GB, 12_340_000_000)
    assert over.level is Level.RED
    assert over.words == "the run has reached 12.3 GB; Metal gives the GPU 11.8 GB: 0.5 GB too little"
    loading = on(GPU, estimate, MAC_16GB, GB)
    assert loading.words.startswith("needs at least 6.2 GB for weights")
    # What is available no longer counts what the run itself has taken, so it is not held against it.
    assert "give up" not in on(RAM, estimate, MAC_16GB, 7 * GB).words
    assert "give up" not in on(RAM, estimate, MAC_16GB, GB).words
    assert on(GPU, None, MAC_16GB, 7 * GB).words.startswith("the run has reached 7.0 GB")


def test_the_worst_verdict_is_the_first_of_its_level():
    green, unknown, yellow, red = (Verdict(level, level.word, "") for level in Level)
    also_red = dataclasses.replace(red, subject="another")
    assert overall([green, unknown]) is unknown
    assert overall([unknown, yellow, green]) is yellow
    assert overall([yellow, red, also_red]) is red


def test_levels_differ_in_symbol_and_word():
    assert len({level.symbol for level in Level}) == len({level.word for level in Level}) == len(Level)
    assert all(len(level.symbol) == 1 for level in Level)


amounts = st.integers(0, 300 * GB)


@st.composite
def machines(draw) -> MachineState:
    total = draw(st.integers(1, 300 * GB))
    return machine(
        total,
        draw(st.integers(0, total)),
        draw(st.none() | st.integers(1, 300 * GB)),
        draw(st.sampled_from(CeilingSource)),
        draw(st.none() | st.sampled_from(Pressure)),
        draw(amounts),
    )


@given(st.none() | st.builds(need, st.integers(1, 300 * GB), amounts, amounts), machines(), st.none() | amounts)
def test_never_green_and_red_if_and_only_if_what_is_certain_exceeds_what_there_is(estimate, state, peak):
    found = {verdict.subject: verdict.level for verdict in verdicts(estimate, state, peak)}
    assert Level.GREEN not in found.values()
    certain = max(estimate.low_bytes if estimate else 0, peak or 0)
    assert (GPU in found) == (state.ceiling is not None)
    own = state.ceiling is not None and state.ceiling.source is CeilingSource.CUDA
    if state.ceiling:
        assert found[GPU] is (Level.RED if certain > state.ceiling.bytes else Level.UNKNOWN)
    limit = state.memory.total - min(GB, state.memory.total // 8)
    assert found[RAM] is (Level.RED if certain > limit and not own else Level.UNKNOWN)
    assert (found[PRESSURE] is Level.RED) == (state.pressure is Pressure.CRITICAL)
    worst = overall(verdicts(estimate, state, peak)).level
    assert (worst is Level.RED) == (Level.RED in found.values())
