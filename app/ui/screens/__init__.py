"""One file per screen, each with a .tcss beside it."""
