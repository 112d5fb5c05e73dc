"""Facts of a dataset."""
