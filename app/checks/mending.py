"""Every fix that there is, one after the other, until nothing is left that has one."""

from collections.abc import Callable

from app.checks.context import Context
from app.checks.finding import Finding
from app.checks.rules import check
from app.config.config import Config, edit

MOST = 50
"""Fixes end by themselves, which the tests hold them to; this holds whatever they missed."""


def mend(context: Context, changed: Callable[[Context, Config], Context]) -> tuple[Context, tuple[Finding, ...]]:
    """The mended configuration in its surroundings, and the findings whose fixes did it, in their order.

    `changed(context, config)` gives the surroundings of another configuration.
    """
    mended: list[Finding] = []
    while len(mended) < MOST:
        finding = next((finding for finding in check(context) if finding.fix), None)
        if finding is None or finding.fix is None:
            break
        config = context.config
        for key, value in finding.fix.edits:
            config = edit(config, key, value)
        context = changed(context, config)
        mended.append(finding)
    return context, tuple(mended)
