"""The screen of each mode, imported and made on its first visit."""

from app.ui.deck import FORM_MODE, Deck, Makers
from app.ui.place_screen import PlaceScreen
from app.ui.places import DATA, PRESETS, REVIEW, RUNS, START, TRAIN


def _form_screen(app: Deck) -> PlaceScreen:
    from app.ui.screens.form import FormScreen

    return FormScreen(app)


def _start_screen(app: Deck) -> PlaceScreen:
    from app.ui.screens.start import StartScreen

    return StartScreen(app)


def _presets_screen(app: Deck) -> PlaceScreen:
    from app.ui.screens.presets import PresetsScreen

    return PresetsScreen(app)


def _data_screen(app: Deck) -> PlaceScreen:
    from app.ui.screens.data import DataScreen

    return DataScreen(app)


def _review_screen(app: Deck) -> PlaceScreen:
    from app.ui.screens.review import ReviewScreen

    return ReviewScreen(app)


def _train_screen(app: Deck) -> PlaceScreen:
    """numpy comes with the chart."""
    from app.ui.screens.train import TrainScreen

    return TrainScreen(app)


def _runs_screen(app: Deck) -> PlaceScreen:
    """numpy comes with the chart."""
    from app.ui.screens.runs import RunsScreen

    return RunsScreen(app)


SCREEN_MAKERS: Makers = {
    FORM_MODE: _form_screen,
    START: _start_screen,
    PRESETS: _presets_screen,
    DATA: _data_screen,
    REVIEW: _review_screen,
    TRAIN: _train_screen,
    RUNS: _runs_screen,
}
