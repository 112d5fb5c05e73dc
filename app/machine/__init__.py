"""This computer: memory, processes, and which MLX backend is installed."""
