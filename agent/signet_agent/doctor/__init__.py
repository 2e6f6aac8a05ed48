"""``signet doctor``: one file per check, in the order of the way from the page to the key.

A check looks and never changes anything. It knows only the surroundings that are handed to it.
"""

from signet_agent.doctor.audit import AuditCheck
from signet_agent.doctor.base import Check
from signet_agent.doctor.card_service import CardServiceCheck
from signet_agent.doctor.certutil import CertutilCheck
from signet_agent.doctor.display import DisplayCheck
from signet_agent.doctor.fonts import FontsCheck
from signet_agent.doctor.modules import ModulesCheck
from signet_agent.doctor.policy import PolicyCheck
from signet_agent.doctor.ports import PortsCheck
from signet_agent.doctor.sandbox import SandboxCheck
from signet_agent.doctor.tray import TrayCheck
from signet_agent.doctor.trust import TrustCheck

ALL_CHECKS: tuple[Check, ...] = (
    PolicyCheck(),
    PortsCheck(),
    TrustCheck(),
    CertutilCheck(),
    ModulesCheck(),
    CardServiceCheck(),
    DisplayCheck(),
    FontsCheck(),
    TrayCheck(),
    SandboxCheck(),
    AuditCheck(),
)
"""From the page's door to the log."""
