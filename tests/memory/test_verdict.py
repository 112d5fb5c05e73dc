"""What is said of memory. Macs are faked by their figures as reported; nothing here ran on one."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.state import MachineState
from app.memory.estimate import Estimate, Method, Part
from app.memory.verdict import HEADROOM, Level, Verdict, overall, verdicts

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
    return Estimate(kept, weights + adapter + optimizer, None, None, Method.PARTS)


def peak(likely, low=None, high=None) -> Estimate:
    """As a trace finds it."""
    return Estimate((Part("weights", likely),), low or likely, likely, high or likely, Method.TRACED, "update")


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
            " so others may have to give up 1.7 GB",
        ),
        (Level.GREEN, PRESSURE, "memory pressure is normal now, no swap in use"),
    ]


def test_a_traced_peak_is_green_where_its_upper_bound_fits():
    found = verdicts(peak(3 * GB, high=3_300_000_000), MAC_16GB)
    assert [(verdict.level, verdict.subject, verdict.words) for verdict in found] == [
        (
            Level.GREEN,
            GPU,
            "needs 3.0 GB, at most 3.3 GB; Metal gives the GPU 11.8 GB: 8.5 GB are left at worst",
        ),
        (Level.GREEN, RAM, "needs 3.0 GB, at most 3.3 GB; 5.0 GB of 17.2 GB are available now"),
        (Level.GREEN, PRESSURE, "memory pressure is normal now, no swap in use"),
    ]


@pytest.mark.parametrize(
    ("likely", "high", "level", "words"),
    [
        (9.0, 11.2, Level.GREEN, "0.6 GB are left at worst"),
        (9.0, 11.3, Level.YELLOW, "at worst only 0.5 GB are left"),
        (9.0, 11.8, Level.YELLOW, "at worst only 40 MB are left"),
        (9.0, 12.0, Level.YELLOW, "0.2 GB too little at worst"),
        (11.8, 15.0, Level.YELLOW, "3.2 GB too little at worst"),
        (11.9, 15.0, Level.RED, "60 MB too little"),
        (15.0, 15.0, Level.RED, "3.2 GB too little"),
    ],
)
def test_what_is_likely_makes_red_and_what_is_possible_yellow(likely, high, level, words):
    verdict = on(GPU, peak(int(likely * GB), high=int(high * GB)), MAC_16GB)
    assert verdict.level is level
    assert verdict.words.endswith(f"Metal gives the GPU 11.8 GB: {words}")


def test_what_others_hold_is_yellow_even_where_it_fits():
    verdict = on(RAM, peak(6 * GB), MAC_16GB)
    assert verdict.level is Level.YELLOW
    assert verdict.words.endswith("5.0 GB of 17.2 GB are available now, so others may have to give up 1.5 GB")
    assert on(RAM, peak(6 * GB), MAC_16GB, 6 * GB).level is Level.GREEN  # the run itself holds it


def test_tokenized_rows_lie_beside_the_training():
    free = machine(16 * GB, 16 * GB)
    assert on(RAM, peak(10 * GB), free).level is Level.GREEN
    assert on(RAM, peak(10 * GB), free, None, 6 * GB).level is Level.RED
    words = on(RAM, peak(10 * GB), free, None, 5 * GB).words
    assert words.endswith("keeps at least 1.0 GB and the tokenized rows 5.0 GB: at worst only 0 MB are left")
    assert on(RAM, peak(10 * GB), CARD, None, 2 * GB).level is Level.GREEN
    beside = on(RAM, peak(10 * GB), CARD, None, 12 * GB)
    assert beside.level is Level.YELLOW
    assert beside.words.endswith("so others may have to give up 0.5 GB")
    assert on(RAM, peak(10 * GB), CARD, 10 * GB, 12 * GB).level is Level.GREEN


def test_a_neighbours_peak_is_no_verdict():
    like = dataclasses.replace(need(6 * GB), peak_bytes=9 * GB, method=Method.NEIGHBOUR)
    verdict = on(GPU, like, MAC_16GB)
    assert verdict.level is Level.UNKNOWN
    assert verdict.words == "needs at least 6.0 GB, likely about 9.0 GB; Metal gives the GPU 11.8 GB"
    assert on(GPU, dataclasses.replace(like, low_bytes=12 * GB), MAC_16GB).level is Level.RED


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
    assert on(RAM, need(20 * GB), CARD).level is Level.GREEN


@pytest.mark.parametrize(
    ("pressure", "swap", "level", "words"),
    [
        (Pressure.CRITICAL, 3_100_000_000, Level.RED, "memory pressure is critical now, 3.1 GB of swap in use"),
        (Pressure.WARNING, 0, Level.YELLOW, "memory pressure is raised now, no swap in use"),
        (Pressure.NORMAL, 20_000_000, Level.GREEN, "memory pressure is normal now, 20 MB of swap in use"),
        (None, 0, Level.GREEN, "no swap in use; this system tells no memory pressure"),
    ],
)
def test_live_pressure_is_a_verdict_of_its_own(pressure, swap, level, words):
    state = machine(16 * GB, 9 * GB, pressure=pressure, swap=swap)
    verdict = on(PRESSURE, need(GB), state)
    assert verdict.level is level
    assert words in verdict.words
    assert on(RAM, peak(GB), state).level is Level.GREEN
    assert overall(verdicts(peak(GB), state)).level is level


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
    assert on(GPU, None, MAC_16GB, 7 * GB).level is Level.UNKNOWN


def test_a_run_that_nears_the_ceiling_is_yellow_before_it_is_red():
    estimate = peak(9 * GB, 8 * GB, 10 * GB)
    levels = [on(GPU, estimate, MAC_16GB, live).level for live in (GB, 9 * GB, 11_500_000_000, 11_900_000_000)]
    assert levels == [Level.GREEN, Level.GREEN, Level.YELLOW, Level.RED]


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


needs = st.builds(need, st.integers(1, 300 * GB), amounts, amounts)
peaks = st.lists(st.integers(1, 300 * GB), min_size=3, max_size=3).map(sorted).map(lambda s: peak(s[1], s[0], s[2]))
BEST_FIRST = (Level.GREEN, Level.YELLOW, Level.RED)


def levels(*arguments) -> dict[str, Level]:
    return {verdict.subject: verdict.level for verdict in verdicts(*arguments)}


@given(st.none() | needs, machines(), amounts)
def test_without_a_peak_red_is_what_certainly_exceeds_and_the_rest_is_not_known(estimate, state, rows):
    found = levels(estimate, state, None, rows)
    certain = estimate.low_bytes if estimate else 0
    assert (GPU in found) == (state.ceiling is not None)
    if state.ceiling:
        assert found[GPU] is (Level.RED if certain > state.ceiling.bytes else Level.UNKNOWN)
    if not (state.ceiling and state.ceiling.source is CeilingSource.CUDA):
        limit = state.memory.total - min(GB, state.memory.total // 8) - rows
        assert found[RAM] is (Level.RED if estimate and certain > limit else Level.UNKNOWN)
    assert (found[PRESSURE] is Level.RED) == (state.pressure is Pressure.CRITICAL)


@given(peaks, machines(), st.none() | amounts, amounts)
def test_with_a_peak_there_is_always_an_answer_and_green_only_with_headroom(estimate, state, live, rows):
    found = levels(estimate, state, live, rows)
    assert Level.UNKNOWN not in found.values()
    high = max(estimate.high_bytes, live or 0)
    if state.ceiling and found[GPU] is Level.GREEN:
        assert high <= state.ceiling.bytes * (1 - HEADROOM)
    if found[RAM] is Level.GREEN and not (state.ceiling and state.ceiling.source is CeilingSource.CUDA):
        assert high + rows < state.memory.total
        assert live is not None or high + rows < state.memory.available
    worst = overall(verdicts(estimate, state, live, rows)).level
    assert worst is max(found.values(), key=BEST_FIRST.index)


def no_better(after: dict[str, Level], before: dict[str, Level]) -> bool:
    return all(BEST_FIRST.index(after[subject]) >= BEST_FIRST.index(before[subject]) for subject in before)


@given(peaks, peaks, machines(), amounts, amounts)
def test_more_need_never_gives_a_better_level(one, other, state, rows, more_rows):
    more = peak(*(max(getattr(one, key), getattr(other, key)) for key in ("peak_bytes", "low_bytes", "high_bytes")))
    assert no_better(levels(more, state, None, rows + more_rows), levels(one, state, None, rows))


@given(peaks, machines(), amounts, amounts)
def test_a_live_peak_above_the_lower_bound_never_gets_better(estimate, state, live, more):
    live += estimate.low_bytes
    assert no_better(levels(estimate, state, live + more), levels(estimate, state, live))


@given(peaks, machines(), st.none() | amounts, amounts, amounts, amounts, amounts)
def test_more_machine_never_gives_a_worse_level(estimate, state, live, rows, more, more_free, more_ceiling):
    memory, ceiling = state.memory, state.ceiling
    larger = dataclasses.replace(
        state,
        memory=dataclasses.replace(
            memory, total=memory.total + more + more_free, available=memory.available + more_free
        ),
        ceiling=ceiling and dataclasses.replace(ceiling, bytes=ceiling.bytes + more_ceiling),
    )
    assert no_better(levels(estimate, state, live, rows), levels(estimate, larger, live, rows))


@given(st.none() | needs | peaks, machines(), st.none() | amounts, amounts)
def test_words_say_something_of_everything(estimate, state, live, rows):
    for verdict in verdicts(estimate, state, live, rows):
        assert verdict.words
        assert "-" not in verdict.words.replace("-bit", "")
