"""Runs `mlx_lm.lora -c` on each file named and records what it tells its callback: the other side of parity.

The only change to mlx-lm is that the callback, which `lora.run` builds and then drops unless `report_to` is set,
is replaced or wrapped by one that takes notes.
"""

import json
import sys
from pathlib import Path

from mlx_lm import lora
from mlx_lm.tuner.callbacks import TrainingCallback

train_model, evaluate = lora.train_model, lora.evaluate


class Notes(TrainingCallback):
    def __init__(self, wrapped):
        self.wrapped, self.trains, self.validations, self.tests = wrapped, [], [], []

    def on_train_loss_report(self, train_info):
        self.trains.append(dict(train_info))
        if self.wrapped:
            self.wrapped.on_train_loss_report(train_info)

    def on_val_loss_report(self, val_info):
        self.validations.append(dict(val_info))
        if self.wrapped:
            self.wrapped.on_val_loss_report(val_info)


def main() -> None:
    for file in sys.argv[1:]:
        notes = []

        def noting(args, model, train_set, valid_set, callback=None, notes=notes):
            notes.append(Notes(callback))
            train_model(args, model, train_set, valid_set, notes[0])

        def evaluating(*args, notes=notes, **options):
            notes[0].tests.append(evaluate(*args, **options))
            return notes[0].tests[-1]

        lora.train_model, lora.evaluate = noting, evaluating
        sys.argv = ["mlx_lm.lora", "-c", file]
        lora.main()
        told = {"trains": notes[0].trains, "validations": notes[0].validations, "tests": notes[0].tests}
        Path(file).with_suffix(".told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
