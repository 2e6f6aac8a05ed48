"""Where a case plays: the policy, the allowed origin, and whether there is a TLS port."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import CertificateFolder
from tests.attacks.case import PORTAL
from tests.kit.running_agent import POLICY, RunningAgent, running_agent
from tests.kit.web_site import WebSite


@dataclass(frozen=True)
class Stage:
    """What is set up before the agent starts."""

    origin: str = PORTAL
    policy: str = POLICY
    site: WebSite | None = None


SetUp = Callable[[Path], AbstractAsyncContextManager[Stage]]
"""Prepares the agent's state folder and everything around it."""

Start = Callable[[Path, Stage], AbstractAsyncContextManager[RunningAgent]]
"""Starts the agent under attack; a test of the runner hands in a broken one."""


@asynccontextmanager
async def with_tls(folder: Path) -> AsyncIterator[Stage]:
    """Set up the usual stage: one allowed site, and trust installed for the TLS port."""
    CertificateFolder(folder / "tls").replace(make_authority())
    yield Stage()


def start_usual(folder: Path, stage: Stage) -> AbstractAsyncContextManager[RunningAgent]:
    """Start the agent as it is."""
    return running_agent(folder, policy=stage.policy)
