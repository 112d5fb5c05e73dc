"""Figures with their units: bytes, seconds, losses; – for what is not known."""


def size(count: float | None) -> str:
    """Bytes in GB of 1e9, as mlx-lm reports peak memory; MB below a tenth of one."""
    if count is None:
        return "–"
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} m"


def loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
