"""`make bench`, or `python -m bench NAME ...` for some of it."""

import sys
from importlib import import_module

NAMES = (
    "first_paint",
    "keystroke",
    "group_switch",
    "idle",
    "chart_redraw",
    "training_speed",
    "watching",
    "memory_answers",
    "scan",
    "fit",
    "memory_gpu",
    "fuzz",
    "reattach",
)
"""Not among them, for each takes ten minutes: watching_long, storm_screens, storm_trainer."""


def main() -> None:
    rows = []
    for name in sys.argv[1:] or NAMES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += import_module(f"bench.{name}").run()
    print("\n| what | ratio | measured |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.ratio} | {row.detail} |")


main()
