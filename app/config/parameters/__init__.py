"""The entries of the registry, a file per group: a new parameter is one new entry."""
