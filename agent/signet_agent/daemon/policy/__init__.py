"""The machine policy: which site may ask what, of which keys. No policy: nobody may anything."""

from signet_agent.daemon.policy.decision import Candidate, Decider
from signet_agent.daemon.policy.known_modules import modules_in
from signet_agent.daemon.policy.model import EMPTY_POLICY, Form, Policy, Site
from signet_agent.daemon.policy.reading import PolicyError, read_policy

__all__ = [
    "EMPTY_POLICY",
    "Candidate",
    "Decider",
    "Form",
    "Policy",
    "PolicyError",
    "Site",
    "modules_in",
    "read_policy",
]
