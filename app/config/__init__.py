"""What a training configuration is: registry, values and their origin, dialects, YAML edits, derived numbers."""
