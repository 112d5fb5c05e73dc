"""`tunedeck` and `python -m app`."""

import sys

from app.cli.dispatch import dispatch


def main() -> int:
    return dispatch(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
