"""Plain messages between processes, and how an engine process is started and reaped."""
