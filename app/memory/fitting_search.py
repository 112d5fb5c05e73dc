"""The largest value that still fits, found with few questions: each may be a trace of a second or two."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from app.memory.estimate import Estimate, Method

At = Callable[[int], Estimate | None]
IsGreen = Callable[[Estimate | None], bool]


def last_green(values: Sequence[int], at: At, is_green: IsGreen, begin: int) -> int | None:
    """The place of the last value that is green, the next one not; None when the first is not.

    `values` go up in memory, and `begin` is the place of one that is known or likely near. Between two values that are
    known the next to be asked is where the straight line through their estimates leaves the green, which for layers
    and ranks is the answer; where lines mislead, the middle.
    """
    top = len(values) - 1
    if is_green(at(values[begin])):
        if begin == top or is_green(at(values[top])):
            return top
        low, high = begin, top
    else:
        if begin == 0 or not is_green(at(values[0])):
            return None
        low, high = 0, begin
    misled = False
    while (width := high - low) > 1:
        asked = (low + high) // 2 if misled else _crossing(values, low, high, at, is_green)
        if is_green(at(values[asked])):
            low = asked
        else:
            high = asked
        misled = not misled and high - low > width // 2
    return low


def _crossing(values: Sequence[int], low: int, high: int, at: At, is_green: IsGreen) -> int:
    """The last place between two where the line through their estimates is green."""
    one, other = at(values[low]), at(values[high])
    if one is None or other is None:
        return (low + high) // 2
    reach = values[high] - values[low]
    between = range(low + 1, high)
    first_over = bisect_left(
        between, True, key=lambda place: not is_green(_blend(one, other, (values[place] - values[low]) / reach))
    )
    return max(low + 1, low + first_over)


def _blend(one: Estimate, other: Estimate, share: float) -> Estimate:
    """Of two estimates of one structure's neighbours, what stands `share` of the way from the first to the other."""
    low, peak, high = (
        round((1 - share) * before + share * after)
        for before, after in (
            (one.low_bytes, other.low_bytes),
            (one.peak_bytes or 0, other.peak_bytes or 0),
            (one.high_bytes or 0, other.high_bytes or 0),
        )
    )
    return Estimate(one.parts, low, peak, high, Method.TRACED)
