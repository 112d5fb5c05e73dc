"""The working session without a screen."""
