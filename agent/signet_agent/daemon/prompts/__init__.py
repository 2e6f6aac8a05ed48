"""Ways to ask the person: one real window; tests hand in a script."""
