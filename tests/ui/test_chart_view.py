"""Cursor, zoom and window."""

from app.ui.chart.view import Extent, View

RUN = Extent(first=1, latest=600, iters=1000)


def test_all_that_was_trained_is_shown_or_the_whole_run():
    assert View().window(RUN) == (0, 600)
    assert View(whole=True).window(RUN) == (0, 1000)


def test_the_first_iterations_are_not_stretched_over_the_whole_chart():
    assert View().window(Extent(1, 2, 1000)) == (0, 10)


def test_an_unknown_or_passed_end_does_not_hide_what_was_trained():
    assert View(whole=True).window(Extent(1, 600, 0)) == (0, 600)


def test_zooming_without_a_cursor_follows_the_latest():
    near = View().zoomed(0.5, RUN)
    assert near.window(RUN) == (300, 600)
    assert near.window(Extent(1, 650, 1000)) == (350, 650)


def test_the_cursor_keeps_its_place_while_zooming():
    near = View().placed(200, RUN).zoomed(0.5, RUN)
    assert near.window(RUN) == (100, 400)
    assert near.zoomed(0.5, RUN).window(RUN) == (150, 300)


def test_zooming_out_ends_with_everything():
    assert View().placed(200, RUN).zoomed(0.5, RUN).zoomed(2, RUN).span is None


def test_zooming_in_stops_at_ten_iterations():
    view = View()
    for _ in range(30):
        view = view.zoomed(0.5, RUN)
    assert view.window(RUN) == (590, 600)


def test_the_cursor_moves_by_at_least_one_iteration_and_stays_on_the_data():
    assert View().moved(-0.1, RUN).cursor == 599
    assert View().moved(5, RUN).cursor == 600
    assert View(cursor=3).moved(-50, RUN).cursor == 1


def test_the_window_goes_along_with_the_cursor():
    near = View().placed(300, RUN).zoomed(0.1, RUN)
    assert near.window(RUN) == (270, 330)
    assert near.moved(50, RUN).window(RUN) == (290, 350)
    assert near.moved(-50, RUN).window(RUN) == (250, 310)


def test_a_cursor_does_not_move_when_more_is_trained():
    near = View().placed(300, RUN).zoomed(0.1, RUN)
    assert near.window(Extent(1, 900, 1000)) == near.window(RUN)
