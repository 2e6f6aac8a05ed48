"""``signet trust install|remove|show``: opt in to wss and https on localhost, and out again."""
