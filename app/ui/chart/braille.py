"""Drawing with braille: a character cell is a grid of 2 dots across and 4 down.

Rows are dot rows counted from the top, one value per dot column; NaN draws nothing.
"""

import numpy as np

DOTS_ACROSS, DOTS_DOWN = 2, 4
BLANK = 0x2800
"""The first braille character, the one without dots; the eight bits above it are the dots."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)


def stroke(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Top and bottom row of the bar in every dot column that makes a line without vertical gaps."""
    middle = (line[:-1] + line[1:]) / 2
    before, after = np.append(np.nan, middle), np.append(middle, np.nan)
    return np.fmin(line, np.fmin(before, after)), np.fmax(line, np.fmax(before, after))


def bars(top: np.ndarray, bottom: np.ndarray, height: int) -> np.ndarray:
    """A boolean grid of `height` dot rows with every column filled from `top` to `bottom`, both included."""
    rows = np.arange(height)[:, None]
    return (rows >= np.rint(top)) & (rows <= np.rint(bottom))


def cells(grid: np.ndarray) -> np.ndarray:
    """The dots of each character cell as braille bits, uint8: a quarter as high and half as wide."""
    height, width = grid.shape
    blocks = grid.reshape(height // DOTS_DOWN, DOTS_DOWN, width // DOTS_ACROSS, DOTS_ACROSS)
    return (blocks * _BITS[None, :, None, :]).sum(axis=(1, 3), dtype=np.uint8)
