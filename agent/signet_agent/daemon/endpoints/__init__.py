"""The ways in: thin shells around gate, session and codec; the core knows no transport."""
