"""Widgets that own no configuration: each shows what it is given."""
