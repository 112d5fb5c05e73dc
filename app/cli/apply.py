"""`tunedeck apply PRESET FILE`: presets into a file, what that changes, and why."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.cli.opening import complain
from app.cli.presets import known_presets
from app.config.config import Config
from app.config.dialect import resolve
from app.config.document import ConfigError, read
from app.config.preset_apply import Applied, Change, apply
from app.config.preset_conflicts import Conflict, conflicts
from app.config.preset_file import Preset
from app.config.preset_setting import one_line
from app.config.saving import CannotEdit, SaveError, render, save
from app.models.cache import find_model
from app.models.facts import ModelError
from app.wire.text import printable


@dataclass(frozen=True)
class _Step:
    """One preset on top of those before it."""

    preset: Preset
    applied: Applied
    conflicts: tuple[Conflict, ...]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("presets", metavar="PRESET", help="a preset, or several in their order: 16gb,anti-forgetting")
    parser.add_argument("file", metavar="FILE", type=Path, help="the YAML file to change")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="write OUT, and leave FILE as it is")
    parser.add_argument("--force", action="store_true", help="overwrite OUT if it exists")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(args: Namespace) -> int:
    """Exit status: 0 done, or nothing to do; 2 unusable input, or a target that must not be overwritten."""
    try:
        steps, written = _apply(_named(args.presets), args.file, args.output or args.file, args.force)
    except CannotEdit as error:
        return complain(f"{args.file}: {error}")
    except (ConfigError, SaveError) as error:
        return complain(error)
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}.")
    if args.json:
        print(json.dumps(_as_json(steps, written), indent=2, default=str))
    else:
        print("\n".join(map(printable, _lines(steps, args.file, written))))
    return 0


def _named(names: str) -> list[Preset]:
    """By id or by the name that lists show, in any case."""
    presets = {preset.id: preset for preset in known_presets()}
    by_name = {preset.name.lower(): preset for preset in presets.values()} | presets
    for name in names.split(","):
        if name.lower() not in by_name:
            raise ConfigError(f"There is no preset {name}; choose from {', '.join(presets)}.")
    return [by_name[name.lower()] for name in names.split(",")]


def _apply(presets: list[Preset], source: Path, target: Path, force: bool) -> tuple[list[_Step], Path | None]:
    """Each preset's part, and the file written, None where none had to be."""
    in_place = target == source or (target.exists() and source.exists() and target.samefile(source))
    if not in_place and not force and target.exists():
        raise SaveError(f"{target}: The file exists already; add --force to overwrite it.")
    document = read(source)
    resolution = resolve(document)
    for problem in resolution.problems:
        raise ConfigError(problem.message, document.path, problem.line, problem.key)
    steps = _steps(presets, resolution.config)
    text = render(document, steps[-1].applied.config)
    if in_place and text == document.text:
        return steps, None
    save(target, text, document.fingerprint if in_place else None)
    return steps, target


def _steps(presets: list[Preset], config: Config) -> list[_Step]:
    depth, steps = _depth(config), list[_Step]()
    for place, preset in enumerate(presets):
        applied = apply(preset, config, depth=depth)
        steps.append(_Step(preset, applied, conflicts(presets[:place], preset, depth)))
        config = applied.config
    return steps


def _depth(config: Config) -> int | None:
    """The model's number of layers, where the model is on this computer."""
    try:
        facts = find_model(str(config.values["model"]), Path.cwd())
    except ModelError:
        return None  # said when something is trained; a preset needs no model
    return facts.layers if facts else None


def _lines(steps: list[_Step], source: Path, written: Path | None) -> Iterator[str]:
    for step in steps:
        yield f"{step.preset.id}: {step.preset.summary}"
        yield from _changes(step.applied.changes)
        if step.applied.already:
            yield f"  as it was: {', '.join(one.key for one in step.applied.already)}"
        for conflict in step.conflicts:
            yield f"  conflict: {conflict}"
    yield f"{written}: written." if written else f"{source}: Nothing to do, it says so already."


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    moves = {one.key: f"{one_line(one.key, one.before)} -> {one_line(one.key, one.after)}" for one in changes}
    keys, values = (max(map(len, texts), default=0) for texts in (moves, moves.values()))
    for one in changes:
        reasons = "; ".join(filter(None, (one.why, one.note)))
        yield f"  {one.key:<{keys}}  {moves[one.key]:<{values}}  {reasons}".rstrip()


def _as_json(steps: list[_Step], written: Path | None) -> dict[str, Any]:
    return {
        "presets": [
            {
                "id": step.preset.id,
                "changes": [asdict(one) for one in step.applied.changes],
                "already": [one.key for one in step.applied.already],
                "conflicts": [
                    {"key": one.key, "earlier": one.earlier.id, "before": one.before, "after": one.after}
                    for one in step.conflicts
                ],
            }
            for step in steps
        ],
        "written": str(written) if written else None,
    }
