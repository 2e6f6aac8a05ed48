"""The contract between a department's page, the agent and the department's server.

PROTOCOL.md is the authority; this package is one of its readers. It knows nothing of the agent.
"""

PROTOCOL_VERSION = 1
"""The version a page names in ``hello``; it grows only when an old page would misunderstand."""
