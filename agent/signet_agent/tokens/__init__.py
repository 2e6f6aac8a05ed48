"""The token room: the only process that loads vendors' code, and the only one that sees a PIN."""
