"""The only importer of mlx and mlx_lm, always in a process of its own."""
