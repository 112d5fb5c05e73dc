"""Facts of a base model without loading it."""
