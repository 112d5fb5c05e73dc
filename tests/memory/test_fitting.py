"""What is proposed, on trainings whose memory is a formula: it is green, and no more than is needed."""

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.config import RANK, Config, defaults, edit
from app.config.derived import derive
from app.data.lengths import Lengths, SetLengths, Truncated, padded_width
from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.state import MachineState
from app.memory.estimate import Estimate, Method, Part
from app.memory.fitting import VARIED, Training, cheapest, chooser, judge, largest, use_what_is_left
from app.memory.fitting_levers import growing, lever, shrinking
from app.memory.verdict import Level

DEPTH = 24
WEIGHTS = 3_000_000_000
ROWS = Lengths(SetLengths(((100, 400), (300, 300), (700, 200), (1500, 100))), SetLengths(((200, 40),)))


def machine(ceiling: int, pressure: Pressure | None = None) -> MachineState:
    memory = SystemMemory(500 * 10**9, 400 * 10**9, 100 * 10**9, 0)
    return MachineState(memory, pressure, (), GpuCeiling(ceiling, CeilingSource.METAL))


def configured(**values: object) -> Config:
    """Two underscores stand for a dot."""
    changes = ((key.replace("__", "."), value) for key, value in values.items())
    return reduce(lambda config, change: edit(config, *change), changes, defaults())


@dataclass
class Formula:
    """Estimates that grow with all that takes memory, and the configurations that were asked about."""

    lengths: Lengths | None = ROWS
    weights: int = WEIGHTS
    asked: list[Config] = field(default_factory=list)

    def __call__(self, config: Config) -> Estimate:
        self.asked.append(config)
        values = config.values
        width = longest = values["max_seq_length"]
        if self.lengths:
            width = padded_width(self.lengths.train, longest, values["batch_size"]) or longest
        layers = values["num_layers"] if values["num_layers"] > 0 else DEPTH
        kept = layers * width * 3_000 if values["grad_checkpoint"] else layers * width * (60_000 + 30 * width)
        adapter = layers * values[RANK] * 400_000
        accumulated = adapter if values["grad_accumulation_steps"] > 1 else 0
        logits = 500_000 * width + 40 * width * width
        peak = self.weights + 4 * adapter + accumulated + values["batch_size"] * (kept + logits)
        parts = (Part("weights", self.weights), Part("rest", peak - self.weights))
        return Estimate(parts, round(peak * 0.98), peak, round(peak * 1.03), Method.TRACED)


def training(config: Config, ceiling: int, formula: Formula | None = None, **others: object) -> Training:
    formula = formula or Formula()
    return Training(config, formula, judge(machine(ceiling)), formula.lengths, DEPTH, **others)


def is_green(one: Training, changes: tuple = ()) -> bool:
    """Asked anew, from the configuration as the session would have it."""
    config = reduce(lambda config, change: edit(config, *change), changes, one.config)
    estimate = one.ask(config)
    return estimate is not None and one.level(estimate) is Level.GREEN


configs = st.builds(
    configured,
    batch_size=st.sampled_from((1, 2, 3, 4, 6, 8)),
    grad_accumulation_steps=st.sampled_from((1, 2, 4, 12)),
    max_seq_length=st.sampled_from((100, 256, 800, 1000, 2048)),
    num_layers=st.sampled_from((-1, 1, 12, 16, 24)),
    lora_parameters__rank=st.sampled_from((4, 8, 12, 32)),
    grad_checkpoint=st.booleans(),
    iters=st.integers(1, 5000),
)
formulas = st.sampled_from((Formula(), Formula(lengths=None)))
ceilings = st.floats(1.5e9, 80e9).map(round)
trainings = st.builds(lambda config, ceiling, formula: training(config, ceiling, Formula(formula.lengths)), configs,
                      ceilings, formulas)  # fmt: skip


@given(trainings, st.sampled_from(VARIED))
def test_the_largest_value_is_green_and_one_step_more_is_not(one, key):
    found = largest(one, key)
    values = lever(key, one.config, one.lengths, DEPTH).values
    green = [value for value in values if is_green(one, ((key, value),))]
    if found is None:
        assert not green
        return
    assert found.value == max(green)
    assert is_green(one, found.proposal.changes)
    assert found.proposal.level is Level.GREEN
    if found.beyond is None:
        assert found.value == values[-1] and found.limit
    else:
        assert found.beyond == values[values.index(found.value) + 1] and not found.limit
        assert one.level(found.beyond_estimate) is not Level.GREEN


@given(trainings)
def test_what_makes_it_fit_is_green_and_pulls_no_lever_further_than_it_must(one):
    proposals = cheapest(one)
    if is_green(one):
        assert not proposals
    assert len(proposals) <= 3
    levers = {each.key: each for each in shrinking(one.config, one.lengths, DEPTH)}
    for proposal in proposals:
        assert proposal.level is Level.GREEN and proposal.changes and proposal.title
        assert is_green(one, proposal.changes)
        assert proposal.estimate == one.ask(reduce(lambda c, change: edit(c, *change), proposal.changes, one.config))
        settings = {key: value for key, value in proposal.changes if key in levers}
        for key, value in settings.items():
            places = levers[key].values
            set_to = (0 if value else 1) if key == "grad_checkpoint" else value
            less = places[places.index(set_to) + 1]
            others = tuple(
                change
                for other, to in settings.items()
                if other != key
                for change in levers[other].changes(int(not to) if other == "grad_checkpoint" else to)
            )
            assert not is_green(one, (*others, *levers[key].changes(less)))
    prices = [(proposal.price.lost, proposal.price.time) for proposal in proposals]
    assert prices == sorted(prices)


@given(trainings)
def test_something_fits_where_the_least_of_everything_does(one):
    least = tuple(
        change for each in shrinking(one.config, one.lengths, DEPTH) for change in each.changes(each.values[0])
    )
    assert bool(cheapest(one)) == (is_green(one, least) and not is_green(one))


@given(configs, ceilings, st.floats(1, 3))
def test_a_larger_machine_never_takes_more_away(config, ceiling, times):
    small, large = (training(config, round(each)) for each in (ceiling, ceiling * times))
    proposals = cheapest(small)
    if proposals and not is_green(large):
        assert cheapest(large)[0].price.lost <= proposals[0].price.lost
    for key in VARIED:
        few, more = largest(small, key), largest(large, key)
        assert few is None or (more is not None and more.value >= few.value)


@given(trainings)
def test_what_is_left_is_used_as_far_as_it_goes(one):
    proposals = use_what_is_left(one)
    if not is_green(one):
        assert not proposals
    levers = {each.key: each for each in growing(one.config, one.lengths, DEPTH)}
    for proposal in proposals:
        assert is_green(one, proposal.changes)
        key, value = next(change for change in proposal.changes if change[0] in levers)
        places = levers[key].values
        place = len(places) - 1 if key == "grad_checkpoint" else places.index(value)
        assert place > levers[key].begin
        assert place == len(places) - 1 or not is_green(one, levers[key].changes(places[place + 1]))


@given(configs, ceilings)
def test_few_structures_are_asked_about(config, ceiling):
    formula = Formula()
    cheapest(training(config, ceiling, formula))
    structures = Counter(
        (values["grad_checkpoint"], values["num_layers"], values[RANK], min(values["grad_accumulation_steps"], 3),
         values["batch_size"] == 1)
        for values in (each.values for each in formula.asked)
    )  # fmt: skip
    assert len(structures) <= 20


def test_layers_are_found_by_asking_four_times_and_lengths_by_twenty():
    for key, most in (("num_layers", 4), ("max_seq_length", 20)):
        formula = Formula(lengths=None)
        one = training(configured(batch_size=2, num_layers=2, max_seq_length=512), 5_400_000_000, formula)
        found = largest(one, key)
        assert found.beyond is not None
        assert len(formula.asked) <= most


@given(configs, ceilings)
def test_a_smaller_batch_makes_the_same_updates_of_the_same_rows(config, ceiling):
    for proposal in cheapest(training(config, ceiling)):
        changed = reduce(lambda c, change: edit(c, *change), proposal.changes, config)
        before, after = derive(config), derive(changed)
        assert (after.effective_batch, after.updates) == (before.effective_batch, before.updates)
        rows = [each.values["iters"] * each.values["batch_size"] for each in (config, changed)]
        assert rows[0] <= rows[1] < rows[0] + changed.values["batch_size"]


def test_free_ways_come_first_and_say_what_they_cost():
    one = training(configured(batch_size=4, num_layers=16, iters=1000, max_seq_length=1024), 6_500_000_000)
    batch, checkpoint, shorter = cheapest(one)
    assert (batch.title, batch.price.lost) == ("batch_size 1, grad_accumulation_steps 4", 0)
    assert dict(batch.changes) == {
        "batch_size": 1, "grad_accumulation_steps": 4, "iters": 4000, "steps_per_report": 40, "steps_per_eval": 800,
        "save_every": 400, "val_batches": 100,
    }  # fmt: skip
    assert batch.price.words == ("an update still takes in 4 rows, 1 at a time", "about as long an update")
    assert checkpoint.changes == (("grad_checkpoint", True),)
    assert checkpoint.price.time == pytest.approx((24 + 2 * 16) / (24 + 16))
    assert checkpoint.price.words == ("about 1.4 times as long an update",)
    (key, value), *rest = shorter.changes
    assert (key, rest) == ("max_seq_length", []) and value < 1024
    assert shorter.price.cut == Truncated(300 if value < 700 else 100, shorter.price.cut.tokens)
    assert shorter.price.words[0].endswith("(now 100)")


def test_more_is_lost_only_where_free_ways_are_not_enough():
    one = training(configured(batch_size=2, num_layers=16, max_seq_length=2048), 3_900_000_000)
    assert not is_green(one, (("batch_size", 1), ("grad_accumulation_steps", 2), ("grad_checkpoint", True)))
    proposals = cheapest(one)
    assert proposals and all(proposal.price.lost > 0 for proposal in proposals)
    assert "grad_checkpoint true" in proposals[0].title


def test_where_weights_alone_are_too_much_nothing_else_is_asked():
    formula = Formula()
    assert cheapest(training(configured(), 2_900_000_000, formula)) == ()
    assert len(formula.asked) == 1


def test_a_base_in_4_bits_is_advised_where_it_would_be_green():
    config = configured(model="org/Big-3B", num_layers=8, batch_size=1, max_seq_length=256)
    packed = Formula(weights=900_000_000)
    (advice,) = cheapest(training(config, 3_000_000_000, four_bit=packed))
    assert advice.changes == () and advice.level is Level.GREEN
    assert advice.price.words[0] == "its weights take 0.9 GB in place of 3.0 GB, and are less exact"
    assert "mlx-community/Big-3B-4bit" in advice.price.words[1] and "--hf-path org/Big-3B -q" in advice.price.words[1]
    (advice,) = cheapest(training(config, 1_300_000_000, four_bit=packed))
    assert advice.price.words[-1].startswith("beside it still grad_checkpoint true")
    assert cheapest(training(config, 900_000_000, four_bit=packed)) == ()


def test_what_is_not_known_is_never_proposed():
    def forgetful(config: Config) -> Estimate | None:
        return Formula()(config) if config.values["num_layers"] == 16 else None

    one = replace(training(configured(num_layers=16, batch_size=4), 6_500_000_000), ask=forgetful)
    assert all("num_layers" not in dict(proposal.changes) for proposal in cheapest(one))
    roomy = replace(one, level=judge(machine(50 * 10**9)))
    found = largest(roomy, "num_layers")
    assert (found.value, found.beyond, found.beyond_estimate) == (16, 17, None)
    none = replace(one, ask=lambda _: None)
    assert cheapest(none) == use_what_is_left(none) == ()
    assert largest(none, "batch_size") is None


def test_live_pressure_is_nothing_that_a_training_can_mend():
    one, pressed = machine(50 * 10**9), machine(50 * 10**9, Pressure.CRITICAL)
    estimate = Formula()(configured())
    assert judge(one)(estimate) is judge(pressed)(estimate) is Level.GREEN


def test_rows_longer_than_the_data_has_are_no_use():
    found = largest(training(configured(max_seq_length=512, batch_size=1), 400 * 10**9), "max_seq_length")
    assert (found.value, found.beyond) == (1504, None)
    assert found.limit == "no row is longer than 1500 tokens"
    wide = largest(training(configured(max_seq_length=4096, batch_size=1), 400 * 10**9), "max_seq_length")
    assert wide.value == 4096 and wide.proposal.changes == ()


def test_a_batch_is_never_larger_than_the_smallest_set():
    found = largest(training(configured(batch_size=1), 4000 * 10**9), "batch_size")
    assert (found.value, found.limit) == (40, "mlx-lm takes no batch that is larger than a set")


@given(configs, ceilings, st.integers(2, 400), st.integers(1, 3000))
def test_a_preset_takes_the_largest_of_its_range_that_is_green(config, ceiling, low, more):
    one = training(config, ceiling)
    choice = chooser(one.ask, one.level)(config, "max_seq_length", low, low + more)
    steps = [low, *range(math.ceil(low / 32) * 32, low + more, 32), low + more]
    green = [value for value in steps if is_green(one, (("max_seq_length", value),))]
    assert choice.value == max(green, default=low)


def test_a_preset_says_why():
    one = training(configured(num_layers=16), 7_500_000_000)
    choose = chooser(one.ask, one.level)
    assert choose(one.config, "batch_size", 1, 3).reason == "the largest that memory holds"
    assert choose(one.config, "max_seq_length", 64, 128).reason == "the high end, which memory holds"
    assert choose(one.config, "batch_size", 4, 8).reason == "the low end, since even that is too much"
    unknown = chooser(lambda _: None, one.level)
    assert unknown(one.config, "batch_size", 2, 4).reason == "the low end, since memory is not known yet"
