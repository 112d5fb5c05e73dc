"""`python -P -m app.runs queue RUNS_DIR`: the process that works a queue off."""

import sys
from pathlib import Path

from app.runs.folder import RunError
from app.runs.queue_work import work_off


def main(arguments: list[str]) -> int:
    match arguments:
        case ["queue", runs_dir]:
            try:
                return work_off(Path(runs_dir))
            except RunError as error:
                print(error)
                return 1
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
