"""Keys that come in a burst, as a slow link delivers them, must take effect in the order they were typed."""

import asyncio

from textual.dom import DOMNode
from textual.message_pump import MessagePump


async def keys_have_arrived(widget: MessagePump) -> None:
    """Returns once a widget has taken every key that was sent to it before: keys are messages in its queue."""
    through = asyncio.Event()
    if widget.call_later(through.set):
        await through.wait()


async def typing_has_arrived(focused: DOMNode | None) -> None:
    """Returns once what was typed into the focused widget before is known to everything above it.

    A key is a message in its widget's queue, and becomes a message of the change, which climbs from parent to
    parent. A callback queued behind it tells when it is through; two of them, for what it queues itself.
    """
    for node in list(focused.ancestors_with_self) if focused else ():
        for _ in range(2):
            await keys_have_arrived(node)
