"""MLX's memory while it evaluates a training step, replayed from the step's tape without computing anything.

Ported from MLX's source (github.com/ml-explore/mlx, commit 846d176, version 0.32.2), file by file as each module says.
"""
