"""A run as a folder on disk: create, launch, follow, stop, list."""
