"""Previews: the octets of a document to what the window shows, and nothing left out."""
