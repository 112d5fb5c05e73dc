"""A crash report in styled text: what happened, why, the memory then, and what mends it; the trace is folded away."""

from textual.content import Content

from app.runs.crash.report import CrashReport
from app.wire.text import printable


def crash_parts(report: CrashReport) -> tuple[Content, ...]:
    """The report without its trace, in paragraphs."""
    happened = [Content.styled(f"✗ {printable(report.title)}.", "$text-error bold")]
    happened += [Content(printable(words)) for words in (report.why, report.memory) if words]
    mending = [Content(f"• {printable(proposal.words)}") for proposal in report.proposals]
    if mending:
        keys = " (m changes it in the forms, r resumes)" if any(each.changes for each in report.proposals) else ""
        mending.insert(0, Content.styled("What to do", "bold") + Content.styled(keys, "$text-muted"))
    return (Content("\n").join(happened), Content("\n").join(mending), Content.styled(report.kept, "$text-muted"))


def crash_text(report: CrashReport) -> Content:
    """All of it, the trace at the end."""
    parts = [part for part in crash_parts(report) if part.plain]
    if report.trace:
        trace = Content.styled("\n".join(map(printable, report.trace)), "$text-muted")
        parts.append(Content.styled("Trace\n", "bold") + trace)
    else:
        parts.append(Content.styled("There is no trace.", "$text-muted"))
    return Content("\n\n").join(parts)
