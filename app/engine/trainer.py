"""A run from its folder to its last event: claim, load, train, test, and always an end that says how."""

import faulthandler
import os
import sys
import time
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.engine.adapter_folder import AdapterFolder
from app.engine.event_log import EventLog, numbered_checkpoints
from app.engine.failures import Failure, reason
from app.engine.narrator import Narrator
from app.engine.stop import StopRequest, outcome_asked_for
from app.wire.events import Ended, Model, Started, Tested
from app.wire.files import read_json
from app.wire.run_folder import RunFolder
from app.wire.run_options import options_from

FINISHED, FAILED = "finished", "failed"


def run_trainer(folder: Path) -> int:
    """Do what the run's folder says. 0 when it finished or was stopped, 1 when it failed."""
    faulthandler.enable()  # a crash of MLX leaves in the log where Python was
    trainer = Trainer(RunFolder(folder))
    outcome, why = FAILED, ""
    try:
        outcome, why = trainer.work()
    except Failure as failure:
        why = str(failure)
    except Exception as error:
        traceback.print_exc(file=sys.stdout)
        why = reason(error)
    trainer.end(outcome, why)
    return 1 if outcome == FAILED else 0


class Trainer:
    """One run. mlx is imported only once the run has said that it lives and can be stopped."""

    def __init__(self, run: RunFolder):
        self._run = run
        self._manifest = read_json(run.manifest) or {}
        self._options = options_from(self._manifest.get("options"))
        self._config = read_json(run.resolved)
        self._narrator = Narrator(EventLog(run.events))
        self._folder: AdapterFolder | None = None
        state = self._manifest.get("state")
        self._iteration = int(Path(state).name) if state else 0
        self._narrator.tell(Started(time.time(), os.getpid(), self._iters()))
        self._stop = StopRequest(run.stop, self._leave)

    def work(self) -> tuple[str, str]:
        """The whole run; how it ended, and why early. Raises Failure, or what mlx-lm raises and nobody foresaw."""
        if self._config is None:
            raise Failure(f"{self._run.resolved}: this is missing or damaged, so there is nothing to train.")
        if self._config.get("train"):
            self._folder = AdapterFolder(Path(self._config["adapter_path"]))
        self._narrator.phase("load", "mlx-lm")
        import numpy as np

        from app.engine.arguments import arguments
        from app.engine.loading import load_data, load_model

        args = arguments(self._config)
        np.random.seed(args.seed)
        reporter = _reporter(args)
        model, tokenizer = load_model(args, self._narrator.phase)
        self._narrator.phase("dataset", args.data)
        train_set, valid_set, test_set = load_data(args, tokenizer)
        if args.train:
            enough = self._train(args, model, train_set, valid_set, reporter)
            if enough and not self._stop:
                return "stopped", enough
        else:
            _load_adapter(args, model)
            self._stop.only_at_boundaries()
        if self._stop and (args.test or self._iteration < args.iters):
            return outcome_asked_for(self._run.stop), ""
        return (self._test(args, model, test_set) if args.test else FINISHED), ""

    def end(self, outcome: str, why: str = "") -> None:
        """Let the adapter folder go and say the last word."""
        if self._folder:
            self._folder.release()
        self._narrator.tell(Ended(time.time(), outcome, self._iteration, why))

    def _train(self, args: SimpleNamespace, model: Any, train_set: Any, valid_set: Any, reporter: Any) -> str:
        """Why it ended before the last iteration, where it did so by itself."""
        from mlx_lm.tuner.datasets import CacheDataset
        from mlx_lm.utils import get_total_parameters

        from app.engine.adapting import adapt, build_optimizer
        from app.engine.keeper import Keeper
        from app.engine.loop import Loop
        from app.engine.resume_state import restore_state
        from app.engine.saving import trainable_weights
        from app.engine.validating import Validator

        assert self._folder is not None
        adapt(model, args)
        optimizer = build_optimizer(args)
        state = self._manifest.get("state")
        start = restore_state(Path(state), model, optimizer) if state else None
        trainable = sum(weight.size for weight in trainable_weights(model).values())
        self._narrator.tell(Model(time.time(), get_total_parameters(model), trainable, len(train_set), len(valid_set)))
        options = self._options
        numbered = numbered_checkpoints(self._run.events) if options.keep_last else []
        keeper = Keeper(self._run, self._folder, args, model, optimizer, self._narrator, options.keep_last, numbered)
        validation_rows = CacheDataset(valid_set)
        validator = Validator(model, validation_rows, args, options, keeper, self._narrator, self._stop, reporter)
        if start:
            validator.lowest = start.lowest
        loop = Loop(
            args=args,
            model=model,
            optimizer=optimizer,
            train_set=CacheDataset(train_set),
            validator=validator,
            keeper=keeper,
            narrator=self._narrator,
            stop=self._stop,
            reporter=reporter,
            start=start,
            same_order=not self._manifest.get("fresh_order"),
        )
        self._iteration = loop.iteration
        self._stop.only_at_boundaries()
        self._narrator.phase("train")
        try:
            loop.train()
        finally:
            self._iteration = loop.iteration
        return validator.enough

    def _test(self, args: SimpleNamespace, model: Any, test_set: Any) -> str:
        from mlx_lm.tuner.datasets import CacheDataset

        from app.engine.evaluation import Stopped, evaluate_set, perplexity

        rows = CacheDataset(test_set)
        try:
            loss = evaluate_set(
                model, rows, args, args.test_batches, phase="test", narrator=self._narrator, stop=self._stop
            )
        except Stopped:
            return outcome_asked_for(self._run.stop)
        self._narrator.tell(Tested(time.time(), loss, perplexity(loss)))
        return FINISHED

    def _iters(self) -> int:
        config = self._config or {}
        return config.get("iters", 0) if config.get("train") else 0

    def _leave(self) -> None:
        """Stop while there is nothing to save. A download's threads would hold the process for minutes."""
        self.end(outcome_asked_for(self._run.stop))
        os._exit(0)


def _reporter(args: SimpleNamespace) -> Any:
    from mlx_lm.tuner.callbacks import get_reporting_callbacks

    config: Any = vars(args)  # annotated as a string in mlx-lm, which itself passes a mapping
    try:
        return get_reporting_callbacks(
            args.report_to, project_name=args.project_name, log_dir=args.adapter_path, config=config
        )
    except (ImportError, ValueError) as error:
        raise Failure(f"report_to: {error}") from error


def _load_adapter(args: SimpleNamespace, model: Any) -> None:
    from mlx_lm.tuner.utils import load_adapters

    if args.adapter_path == "":  # mlx-lm's way to test the base model alone
        return
    try:
        load_adapters(model, args.adapter_path)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        raise Failure(f"adapter_path: {args.adapter_path} holds no adapter for this model: {error}") from error
