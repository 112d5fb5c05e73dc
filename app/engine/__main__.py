"""`python -P -m app.engine COMMAND ...`: every engine process starts here."""

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Dispatch. Only the branch taken is imported: a supervisor must stay light."""
    match arguments:
        case ["train", run]:
            from app.engine.supervisor import supervise

            return supervise(Path(run))
        case ["trainer", run]:
            from app.engine.trainer import run_trainer

            return run_trainer(Path(run))
        case ["demo", folder]:
            from app.engine.demo.build import build_and_tell

            return build_and_tell(Path(folder))
        case ["tracer"]:
            from app.engine.tracing.service import serve

            return serve()
        case ["probe"]:
            from app.engine.probe import measure_and_tell

            return measure_and_tell()
        case ["lengths"]:
            from app.engine.lengths import count_and_tell

            return count_and_tell()
        case ["lens"]:
            from app.engine.lens import serve_rows

            return serve_rows()
        case ["modules"]:
            from app.engine.module_tree import list_and_tell

            return list_and_tell()
        case ["device"]:
            from app.engine.device import tell_device

            return tell_device()
    print("usage: python -P -m app.engine train RUN | demo FOLDER | device", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
