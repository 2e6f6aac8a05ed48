"""Who may know whom: the rule of ARCHITECTURE.md, read from the imports.

Dependencies run one way: signet_protocol, then model, errors, settings and channel, then each
room. Rooms never import each other; app alone knows the concrete classes.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.source import Source, python_sources

pytestmark = pytest.mark.quick

AGENT = "signet_agent"
ROOMS = ("daemon", "tokens", "documents", "desktop")
SHARED = ("model", "errors", "settings", "channel")

FAMILIES = (
    "daemon.endpoints",
    "daemon.operations",
    "daemon.prompts",
    "documents.envelopes",
    "documents.formats",
    "documents.previews",
    "tokens",
)
"""Folders of interchangeable parts. In tokens the members lie beside the room's steps."""

TOKEN_STEPS = frozenset({"worker", "registry", "watcher", "base"})
DESKTOP_ENTRIES = frozenset({"consent_window", "status_window", "tray", "autostart"})

COMPOSITION = frozenset({f"{AGENT}.app", f"{AGENT}.rooms", f"{AGENT}.__main__"})
"""Where the parts are put together, the daemon's and the rooms'; they alone name members."""

COMMANDS = f"{AGENT}.commands"
"""What ``signet`` does besides running: it reads what the daemon keeps and starts no room."""

DOORS = (
    (f"{AGENT}.daemon", f"{AGENT}.processes"),
    (COMMANDS, f"{AGENT}.daemon.endpoints.control"),
)
"""Who may go through which wall: the daemon keeps the rooms it was handed, and a command speaks to
the running agent through its control socket."""

FORBIDDEN_EVERYWHERE = ("pickle", "multiprocessing", "marshal", "shelve")
"""Formats that run code, and a way to start processes that is not ours."""

ONLY_IN = {
    "pkcs11": ("tokens",),
    "asn1crypto": ("documents",),
    "rfc8785": ("documents",),
    "lxml": ("documents",),
    "pyhanko": ("documents",),
    "pypdfium2": ("documents",),
    "pyseccomp": ("documents", "tokens"),
    "PySide6": ("desktop",),
    "pystray": ("desktop",),
    "PIL": ("desktop",),
    "gi": ("desktop",),
    "aiohttp": ("daemon",),
    "sqlite3": ("daemon",),
}
"""Libraries and the one room of the agent that may load them."""

PROTOCOL_LIBRARIES = frozenset({"signet_protocol", "msgspec", "cryptography", "asn1crypto"})

SERVICE = "signet_protocol.service"
SERVICE_LIBRARIES = frozenset({"aiohttp", "psycopg", "psycopg_pool"})
"""What the verification service may load besides; nothing else in the contract knows of it."""


SIMULATOR_LIBRARIES = frozenset(
    {"signet_simulator", "signet_protocol", "msgspec", "cryptography", "aiohttp"}
)
"""The agent is not among them, and no library that reaches a token."""


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _room(name: str) -> str | None:
    """Return the room a dotted name lies in, if it lies in one."""
    parts = name.split(".")
    if parts[0] == AGENT and len(parts) > 1 and parts[1] in ROOMS:
        return parts[1]
    return None


def _family(name: str) -> str | None:
    """Return the family of which a dotted name is a member; bases and steps are none."""
    for family in FAMILIES:
        rest = name.removeprefix(f"{AGENT}.{family}.")
        member = rest.split(".")[0]
        if rest != name and member not in TOKEN_STEPS:
            return family
    return None


def _in_the_agent(source: Source) -> list[str]:
    """Return what a module of the agent imports against the rule."""
    room = _room(source.name)
    wrong = []
    for imported in source.imports():
        top = imported.split(".")[0]
        allowed_rooms = ONLY_IN.get(top)
        if allowed_rooms and room not in allowed_rooms:
            wrong.append(f"{imported} belongs to {allowed_rooms[0]}/")
        if top in {"tests", "portal", "demo", "signet_simulator"}:
            wrong.append(f"{imported} is not part of the product")
        if source.name not in COMPOSITION and _crosses(source.name, imported):
            wrong.append(f"{imported} lies behind a wall")
    return [f"{source.path}: {each}" for each in wrong]


def _crosses(name: str, imported: str) -> bool:
    """Whether an import goes through a wall: into a room, up to app, or into a family."""
    if not _within(imported, AGENT) or imported == AGENT:
        return False
    if any(_within(name, who) and _within(imported, door) for who, door in DOORS):
        return False
    room, target = _room(name), _room(imported)
    if _within(name, COMMANDS):
        return target not in (None, "daemon") or _enters_family(name, imported)
    if any(_within(imported, owner) for owner in COMPOSITION):
        return True
    if target is not None:
        return target != room or _enters_family(name, imported)
    if room is not None:
        second = imported.split(".")[1]
        return second not in SHARED and second != "__version__"
    return False


def _enters_family(name: str, imported: str) -> bool:
    """Whether a step, or another family's member, reaches for a concrete member."""
    family = _family(imported)
    return family is not None and _family(name) != family and _is_member_module(imported, family)


def _is_member_module(imported: str, family: str) -> bool:
    """Whether a name lies in a member's own file rather than in the family's face or base."""
    rest = imported.removeprefix(f"{AGENT}.{family}.").split(".")
    return rest[0] in _members(family)


def _members(family: str) -> set[str]:
    """Return the names of a family's members: its files besides face and base."""
    folder = Path("agent") / AGENT / family.replace(".", "/")
    names = {
        source.path.relative_to(folder).parts[0].removesuffix(".py")
        for source in python_sources()
        if folder in source.path.parents
    }
    return names - TOKEN_STEPS - {"__init__"}


def _in_the_protocol(source: Source) -> list[str]:
    """Return what a module of the contract imports besides its few libraries."""
    imports = set(source.imports())
    tops = {imported.split(".")[0] for imported in imports}
    foreign = tops - PROTOCOL_LIBRARIES - sys.stdlib_module_names
    if _within(source.name, SERVICE):
        foreign -= SERVICE_LIBRARIES
    else:
        foreign |= {each for each in imports if _within(each, SERVICE)}
    return [f"{source.path}: {each}" for each in sorted(foreign)]


def _in_the_simulator(source: Source) -> list[str]:
    """Return what a module of the simulator imports besides the contract and its libraries."""
    tops = {imported.split(".")[0] for imported in source.imports()}
    foreign = tops - SIMULATOR_LIBRARIES - sys.stdlib_module_names
    return [f"{source.path}: {each}" for each in sorted(foreign)]


def _in_the_demo(source: Source) -> list[str]:
    """Return what the portal knows of the agent: it must know nothing."""
    if source.path.parts[:2] != ("web-demo", "portal"):
        return []
    return [f"{source.path}: {each}" for each in source.imports() if _within(each, AGENT)]


def _dangerous(source: Source) -> list[str]:
    tops = {imported.split(".")[0] for imported in source.imports()}
    return [f"{source.path}: {each}" for each in tops.intersection(FORBIDDEN_EVERYWHERE)]


def _sources(folder: str) -> list[Source]:
    return [source for source in python_sources() if source.path.parts[0] == folder]


def _agent(path: str, text: str) -> Source:
    return Source(Path("agent") / AGENT / path, text)


def test_the_agent_keeps_its_walls() -> None:
    assert [wrong for source in _sources("agent") for wrong in _in_the_agent(source)] == []


def test_the_contract_knows_nothing_of_the_agent() -> None:
    assert [wrong for source in _sources("protocol") for wrong in _in_the_protocol(source)] == []


def test_the_simulator_knows_the_contract_and_nothing_of_the_agent() -> None:
    sources = _sources("simulator")

    assert sources
    assert [wrong for source in sources for wrong in _in_the_simulator(source)] == []


def test_the_portal_knows_nothing_of_the_agent() -> None:
    assert [wrong for source in _sources("web-demo") for wrong in _in_the_demo(source)] == []


def test_nothing_loads_code_from_data() -> None:
    assert [wrong for source in python_sources() for wrong in _dangerous(source)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tokens/worker.py", "from signet_agent.documents import worker"),
        ("desktop/tray.py", "from signet_agent.daemon.policy import Policy"),
        ("daemon/gate.py", "import signet_agent.app"),
        ("desktop/tray.py", "from signet_agent import processes"),
        ("daemon/gate.py", "from pkcs11 import lib"),
        ("tokens/worker.py", "import PySide6.QtCore"),
        ("processes.py", "from signet_agent.tokens import worker"),
        ("model.py", "from demo import policy"),
        ("commands/tokens.py", "from signet_agent.tokens.worker import serve"),
        ("commands/run.py", "from signet_agent.daemon.prompts.desktop import DesktopPrompt"),
    ],
)
def test_a_hole_in_a_wall_is_found(path: str, text: str) -> None:
    assert len(_in_the_agent(_agent(path, text))) >= 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "from signet_agent.tokens.worker import serve"),
        ("tokens/worker.py", "from signet_agent.channel.child import ChildChannel"),
        ("daemon/gate.py", "from signet_agent import __version__"),
        ("daemon/gate.py", "import aiohttp\nfrom signet_agent.model import Origin"),
        ("daemon/dispatcher.py", "from signet_agent.daemon.audit import AuditLog"),
        ("commands/tokens.py", "from signet_agent.app import token_rooms"),
        ("rooms.py", "from signet_agent.documents.formats.cms import CadesFormat"),
    ],
)
def test_a_door_stays_open(path: str, text: str) -> None:
    assert _in_the_agent(_agent(path, text)) == []


def test_a_foreign_library_in_the_contract_is_found() -> None:
    source = Source(Path("protocol/signet_protocol/x.py"), "import aiohttp\nimport re")

    assert _in_the_protocol(source) == ["protocol/signet_protocol/x.py: aiohttp"]


def test_the_agent_in_the_simulator_is_found() -> None:
    path = Path("simulator/signet_simulator/x.py")
    source = Source(path, "import pkcs11\nfrom signet_agent.errors import AgentError\nimport ssl")

    assert _in_the_simulator(source) == [f"{path}: pkcs11", f"{path}: signet_agent"]


def test_the_simulator_in_the_agent_is_found() -> None:
    assert _in_the_agent(_agent("daemon/gate.py", "from signet_simulator import gate")) != []


def test_the_service_in_the_library_is_found() -> None:
    service = Source(Path("protocol/signet_protocol/service/x.py"), "import aiohttp, django")
    library = Source(Path("protocol/signet_protocol/verify/x.py"), "import signet_protocol.service")

    assert _in_the_protocol(service) == ["protocol/signet_protocol/service/x.py: django"]
    assert len(_in_the_protocol(library)) == 1


def test_code_from_data_is_found() -> None:
    assert _dangerous(_agent("x.py", "def f():\n  from multiprocessing import Pipe")) != []


def test_a_relative_import_is_resolved() -> None:
    source = _agent("tokens/worker.py", "from ..documents import worker")

    assert f"{AGENT}.documents.worker" in list(source.imports())


@pytest.mark.parametrize("module", ["signet_agent.channel.child", "signet_protocol.codec"])
def test_what_a_room_starts_with_loads_no_event_loop(module: str) -> None:
    script = f"import sys, {module}; sys.exit('asyncio' in sys.modules)"

    assert subprocess.run([sys.executable, "-I", "-c", script], check=False).returncode == 0
