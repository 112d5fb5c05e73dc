"""A model and a dataset small enough to train on any computer, made in seconds."""
