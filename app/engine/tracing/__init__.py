"""The training step as MLX would run it, told without running it."""
