"""Facts of a base model, known without loading it."""
