"""What a page may ask for: a family whose members all have the same three steps."""
