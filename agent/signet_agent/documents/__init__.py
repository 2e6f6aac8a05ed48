"""The document room: the only place where documents are parsed; it sees no key and no network."""
