"""Values that mlx-lm takes and never looks at."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix


def cache_threshold(context: Context) -> Iterator[Finding]:
    if context.values["clear_cache_threshold"] != 0:
        yield Finding(
            "note",
            "cache-threshold-unused",
            ("clear_cache_threshold",),
            "clear_cache_threshold has no effect: leave it at 0.",
            "mlx-lm never hands it to its trainer, which clears MLX's cache after every step.",
            Fix("clear_cache_threshold 0", (("clear_cache_threshold", 0),)),
        )


def project_name(context: Context) -> Iterator[Finding]:
    if context.values["project_name"] and not context.values["report_to"]:
        yield Finding(
            "note",
            "project-name-unused",
            ("project_name", "report_to"),
            "project_name has no effect without report_to: name a tracker there, or leave it empty.",
            "mlx-lm hands it to the tracker alone.",
            Fix("no project_name", (("project_name", None),)),
        )
