"""The way that led to a run's adapter: what a resumed run threw away counts for nothing."""

import json
import math

from app.runs.curve import ITERATION, TIME, TOKENS, Curve
from app.runs.curve_reading import CurveReader
from app.runs.figures import RunFigures, events_size, figures, kept_figures
from app.runs.folder import create_run
from app.wire.events import Report, Started, Step, Tested, Validation, encode

CONFIG = {"model": "m", "data": "rows", "adapter_path": "tuned", "train": True, "iters": 50}


def told(tmp_path, *events):
    run = create_run(tmp_path / "runs", CONFIG, b"", None, tmp_path)
    run.events.write_text("".join(map(encode, events)))
    return run


def steps(first, last, loss=2.0, seconds=0.5):
    return [Step(0.0, at, loss, 10, seconds) for at in range(first, last + 1)]


def test_iterations_that_were_trained_again_count_once_with_their_tokens_and_time(tmp_path):
    first = [Started(0, 1, 50), Validation(0, 0, 4.0, 1), *steps(1, 8), Validation(0, 8, 3.0, 1), *steps(9, 10)]
    again = [Started(9, 2, 50), *steps(5, 6, loss=1.0, seconds=0.25)]
    reader = CurveReader(told(tmp_path, *first, *again))
    reader.read()
    assert list(reader.curve.iterations) == [1, 2, 3, 4, 5, 6]
    assert list(reader.curve.losses) == [2.0] * 4 + [1.0] * 2
    assert reader.curve.tokens[-1] == 60 and reader.curve.seconds[-1] == 4 * 0.5 + 2 * 0.25
    assert list(reader.curve.validations.x) == [0], "that of iteration 8 is of weights that are lost"
    straight = CurveReader(told(tmp_path, *steps(1, 4), *steps(5, 6, loss=1.0)))
    straight.read()
    assert straight.curve.smoothed == reader.curve.smoothed


def test_a_validation_told_again_replaces_the_first():
    curve = Curve()
    for at in range(1, 7):
        curve.step(at, 2.0, 10, 0.5)
    curve.validation(6, 3.0)
    curve.validation(6, 2.5)
    assert list(curve.validations.x) == [6] and curve.best() == (6, 2.5)


def test_each_axis_places_steps_and_validations():
    curve = Curve()
    curve.validation(0, 4.0)
    for at in range(1, 5):
        curve.step(at, 2.0, 10 * at, 0.5)
    curve.validation(4, math.nan)
    for axis, trained, validated in (
        (ITERATION, [1, 2, 3, 4], [0, 4]),
        (TOKENS, [10, 30, 60, 100], [0, 100]),
        (TIME, [0.5, 1.0, 1.5, 2.0], [0, 2.0]),
    ):
        train, validations = curve.along(axis)
        assert (list(train.x), list(validations.x)) == (trained, validated)
    assert curve.best() == (0, 4.0), "what is not a number is not the best"
    train.append(5.0, 1.0)
    assert len(curve) == 4, "what was handed out is a copy"


def test_a_curve_is_read_on_where_it_was(tmp_path):
    run = told(tmp_path, *steps(1, 3))
    reader = CurveReader(run)
    reader.read()
    version = reader.version
    reader.read()
    assert reader.version == version
    with run.events.open("a") as file:
        file.write(encode(Step(0.0, 4, math.inf, 10, 0.5)) + '{"event":"step","ite')
    reader.read()
    assert list(reader.curve.iterations) == [1, 2, 3, 4] and reader.version > version
    assert math.isinf(reader.curve.losses[-1]) and reader.curve.smoothed[-1] == 2.0


def test_lines_that_lack_what_they_should_have_are_passed_over(tmp_path):
    run = told(tmp_path)
    bad = ['"loss":1', '"iteration":1e9,"loss":1', f'"iteration":{10**30},"loss":1', '"iteration":-1,"loss":[]']
    lines = [f'{{"event":"step",{part},"tokens":1,"seconds":"x"}}\n' for part in bad]
    run.events.write_bytes("".join(lines).encode() + b'\xff{"event":"step",\n' + encode(steps(7, 7)[0]).encode())
    reader = CurveReader(run)
    reader.read()
    assert list(reader.curve.iterations) == [7]


STORY = (
    Validation(0, 0, 4.0, 1), *steps(1, 10), Report(0, 10, 2.25, 1e-5, 2, 20, 100, 1), Validation(0, 10, 3.0, 1),
    *steps(11, 12), Validation(0, 12, math.nan, 1), Tested(0, 2.75, 15.6),
)  # fmt: skip


def test_figures_tell_of_the_whole_run_and_are_kept_once_it_has_ended(tmp_path):
    run = told(tmp_path, *STORY)
    found = figures(run, alive=True)
    assert (found.train_loss, found.best_loss, found.best_iteration, found.test_loss) == (2.25, 3.0, 10, 2.75)
    assert (found.tokens, found.seconds, found.tokens_per_second) == (120, 6.0, 20.0)
    assert not run.figures.exists()
    assert repr(figures(run, alive=False)) == repr(found) == repr(kept_figures(run))
    json.loads(run.figures.read_text(), parse_constant=lambda name: None / 0)  # strict JSON
    with run.events.open("a") as file:
        file.write(encode(Validation(0, 12, 2.0, 1)))
    assert kept_figures(run) is None, "a run that was taken up again"
    assert figures(run, alive=False).best_loss == 2.0


def test_damaged_figures_are_read_again(tmp_path):
    run = told(tmp_path, *STORY)
    figures(run, alive=False)
    sound = run.figures.read_text()
    for damaged in ("", "[1]", sound.replace('"tokens": 120', '"tokens": [1]'), sound.replace("best_loss", "bst_loss")):
        run.figures.write_text(damaged)
        assert figures(run, alive=False).tokens == 120
    run.events.unlink()
    assert figures(run, alive=False) == RunFigures() and events_size(run) == 0
