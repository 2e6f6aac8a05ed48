"""The daemon: sockets, policy, sessions, frozen documents and the log.

It never loads vendor code or a window toolkit, parses no document, sees no PIN and does not block.
"""
