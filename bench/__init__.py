"""Ratios, each measured in one run on one machine: `make bench` prints the table.

Every module has `run() -> list[Row]`. Seconds on a shared box mean little; a ratio of two things measured in
turn, A B A B, holds when the machine's speed drifts.
"""
