"""Tunedeck: configure, check, run and watch MLX LoRA fine-tuning from a terminal."""

__version__ = "0.1.0"
