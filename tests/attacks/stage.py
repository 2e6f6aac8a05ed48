"""Where a case plays: the policy, the allowed origin, and whether there is a TLS port."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from signet_agent.app import Parts, token_rooms
from signet_agent.daemon.audit import SqliteStorage
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import CertificateFolder
from tests.attacks.case import PORTAL
from tests.kit.card.content import piv_content
from tests.kit.card.service import VirtualCard, VirtualService
from tests.kit.file_layer import FileLayer
from tests.kit.pki import Authority, private_key
from tests.kit.running_agent import POLICY, RunningAgent, running_agent
from tests.kit.shim.build import FaultyModule
from tests.kit.softhsm import SoftHsm, TokenKey, dual_pair
from tests.kit.web_site import WebSite

HOSTILE_LABEL = "\x1b[31m\u202etoken\nPIN"
"""As much as fits into a token's label: a colour, another direction, a second line."""


@dataclass(frozen=True)
class Stage:
    """What is set up before the agent starts."""

    origin: str = PORTAL
    policy: str = POLICY
    site: WebSite | None = None
    module: FaultyModule | None = None
    card: tuple[VirtualService, VirtualCard] | None = None
    log_file: Path | None = None
    change: Callable[[Parts], Parts] = lambda parts: parts


SetUp = Callable[[Path], AbstractAsyncContextManager[Stage]]
"""Prepares the agent's state folder and everything around it."""

Start = Callable[[Path, Stage], AbstractAsyncContextManager[RunningAgent]]
"""Starts the agent under attack; a test of the runner hands in a broken one."""


@asynccontextmanager
async def with_tls(folder: Path) -> AsyncIterator[Stage]:
    """Set up the usual stage: one allowed site, and trust installed for the TLS port."""
    CertificateFolder(folder / "tls").replace(make_authority())
    yield Stage()


@asynccontextmanager
async def with_lists(folder: Path) -> AsyncIterator[Stage]:
    """Set up the usual stage for a site that may have lists signed."""
    async with with_tls(folder) as usual:
        yield replace(usual, policy=usual.policy.replace('"sign"]', '"sign", "sign_batch"]'))


@asynccontextmanager
async def with_log_file(folder: Path) -> AsyncIterator[Stage]:
    """Set up the usual stage with the log in its real file as well."""
    file = folder / "log" / "audit.sqlite3"

    def keep(parts: Parts) -> Parts:
        assert isinstance(parts.storage, FileLayer)
        parts.storage.beneath = SqliteStorage(file)
        return parts

    async with with_tls(folder) as usual:
        yield replace(usual, log_file=file, change=keep)


@asynccontextmanager
async def with_module(folder: Path) -> AsyncIterator[Stage]:
    """Set up a driver that fails on command, over a token of its own, beside the mock tokens."""
    hsm = SoftHsm.create(folder / "hsm")
    hsm.add_token(HOSTILE_LABEL, [*dual_pair(Authority.create("示例 CA")), *_hostile_keys()])
    module = FaultyModule.compile(folder / "shim")
    section = f'[[module]]\nname = "faulty"\npath = "{module.path}"\n'
    with _environment("SOFTHSM2_CONF", hsm.configuration):
        async with with_tls(folder) as usual:
            yield replace(_with_stores(usual, section), module=module)


@asynccontextmanager
async def with_card(folder: Path) -> AsyncIterator[Stage]:
    """Set up a PIV card in a card service of its own, beside the mock tokens."""
    service = VirtualService(folder / "pcscd")
    card = service.card(piv_content(Authority.create("示例 CA")))
    card.do("insert")
    try:
        with _environment("PCSCLITE_CSOCK_NAME", service.socket):
            async with with_tls(folder) as usual:
                section = '[[card]]\nprofile = "piv"\n'
                yield replace(_with_stores(usual, section), card=(service, card))
    finally:
        service.close()


def _with_stores(usual: Stage, section: str) -> Stage:
    """Return the stage with the key stores of one more section of the policy."""
    policy = usual.policy + section
    stores = token_rooms(parse_policy(policy))
    return replace(
        usual,
        policy=policy,
        change=lambda parts: replace(parts, stores=[*parts.stores, *stores]),
    )


@contextmanager
def _environment(name: str, value: Path) -> Iterator[None]:
    """Set a variable for the rooms that are started meanwhile."""
    before = os.environ.get(name)
    os.environ[name] = str(value)
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _hostile_keys() -> list[TokenKey]:
    """Return certificates that are none: nested without end, cut, of a name without end."""
    key = private_key("p256")
    return [
        TokenKey("0b", key, b"\x30\x80" * 8_000),
        TokenKey("0c", key, b"\x30\x82\x03\xe8" + bytes(20)),
        TokenKey("0d", key, b"\x30\x83\x00\xf0\x00\x06\x83\x00\xef\xf0" + b"\x81" * 60_000),
    ]


def start_usual(folder: Path, stage: Stage) -> AbstractAsyncContextManager[RunningAgent]:
    """Start the agent as it is."""
    return running_agent(folder, policy=stage.policy, change=stage.change)
