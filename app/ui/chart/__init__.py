"""The loss chart. Importing it loads numpy, so the Train screen does so on its first visit."""

from app.ui.chart.loss_chart import LossChart

__all__ = ["LossChart"]
