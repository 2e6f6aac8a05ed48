"""Signet, the agent on the person's computer.

The four folders ``daemon``, ``tokens``, ``documents`` and ``desktop`` are four kinds of process;
they speak only through ``channel``. See ARCHITECTURE.md for the way of one signature.
"""

__version__ = "0.1.0"
