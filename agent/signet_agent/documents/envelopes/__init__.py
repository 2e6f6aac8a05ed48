"""Envelopes that are opened, each form in a file of its own."""
