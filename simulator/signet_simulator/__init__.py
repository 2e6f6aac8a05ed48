"""A stand-in for the agent, for who develops a department's page: nothing it signs has any value.

It speaks the whole contract (protocol/PROTOCOL.md) and answers as a script says. It knows the
contract and nothing of the agent.
"""

__version__ = "0.1.0"
