"""``signet trust``: the opt-in certificate for wss and https on localhost, and nothing else.

A command's work, not a room's: no page can reach it and the daemon does not import it; they share
three file names in one folder. Installing and running the agent never comes here.
"""
