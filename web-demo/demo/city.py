"""The running city: the portal's servers and the agent, started together and ended together."""

import errno
import json
import socket
import ssl
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from http.client import HTTPSConnection
from pathlib import Path
from subprocess import PIPE, STDOUT
from types import TracebackType
from typing import Any, Self

from demo.children import ChildProcess, start
from demo.home import DOMAIN, DemoHome
from demo.policy import policy_text
from portal.hosts import CITY, site_origins

USUAL_PORT = 8443
"""Where the portal listens when nobody else does; pages and policy then look as documented."""

READY_S = 60.0
"""Portal and agent are ready in about two seconds; a loaded machine may take long."""

_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_WEB_DEMO = Path(__file__).resolve().parents[1]


class CityError(Exception):
    """A part of the city did not start; the text says which, and where its log is."""


class City(AbstractContextManager["City"]):
    """Portal and agent of one demonstration.

    Attributes:
        origins: each site's origin by its label.
        agent_port: where the agent listens.
    """

    def __init__(self, home: DemoHome, environment: dict[str, str], port: int) -> None:
        """Take the demonstration's folder, the screen's environment and the portal's port."""
        self._home = home
        self._environment = environment
        self._port = port
        self._exits = ExitStack()
        self._agent: ChildProcess | None = None
        self.origins = site_origins(DOMAIN, port)
        self.agent_port = 0

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._home.policy.write_text(policy_text(self._home, self.origins), "utf-8")
            self._start_portal(starting)
            self._start_agent(starting)
            self._wait_for_portal()
            self._exits = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exits.close()

    @property
    def address(self) -> str:
        """Return the address of the city's home page."""
        return f"{self.origins[CITY]}/"

    @property
    def alive(self) -> bool:
        """Whether the agent still runs; the person may end it from its tray."""
        return self._agent is not None and self._agent.running

    def _start_portal(self, exits: ExitStack) -> None:
        home = self._home
        environment = self._environment | {
            "PYTHONPATH": str(_WEB_DEMO),
            "PORTAL_DATA": str(home.portal_data),
            "PORTAL_PORT": str(self._port),
            "PORTAL_DOMAIN": DOMAIN,
            "PORTAL_ANCHORS": str(home.authorities),
            "PORTAL_CERTIFICATE": str(home.site_certificate),
            "PORTAL_KEY": str(home.site_key),
        }
        log = exits.enter_context(portal_log(home).open("w", encoding="utf-8"))
        command = [sys.executable, "-m", "portal"]
        self._portal = exits.enter_context(start(command, environment, output=log, errors=STDOUT))

    def _start_agent(self, exits: ExitStack) -> None:
        home = self._home
        log = exits.enter_context(agent_log(home).open("w", encoding="utf-8"))
        command = agent_command("run", home, "--policy", str(home.policy))
        agent = exits.enter_context(start(command, self._environment, output=PIPE, errors=log))
        self._agent = agent
        line = agent.output.readline()
        event: dict[str, Any] = json.loads(line) if line else {}
        if event.get("event") != "listening":
            message = f"the agent did not start; its log is {agent_log(home)}"
            raise CityError(message)
        self.agent_port = int(event["port"])

    def _wait_for_portal(self) -> None:
        """Ask for the home page until it comes.

        Raises:
            CityError: it did not come, or the portal ended.
        """
        end = time.monotonic() + READY_S
        while not self._portal_answers():
            if time.monotonic() > end or not self._portal.running:
                message = f"the portal did not start; its log is {portal_log(self._home)}"
                raise CityError(message)
            time.sleep(0.1)

    def _portal_answers(self) -> bool:
        name = f"{CITY}.{DOMAIN}"
        trust = ssl.create_default_context(cafile=str(self._home.site_root))
        connection = HTTPSConnection(name, self._port, context=trust, timeout=5)
        try:
            # Python does not resolve names below localhost; TLS still checks the name.
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=5)
            connection.sock = trust.wrap_socket(plain, server_hostname=name)
            connection.request("GET", "/")
            return connection.getresponse().status == 200  # noqa: PLR2004 -- OK
        except OSError:
            return False
        finally:
            connection.close()


def agent_command(verb: str, home: DemoHome, *words: str) -> list[str]:
    """Return the command line of ``signet VERB`` on the demonstration's state."""
    program = [sys.executable, "-I", "-m", "signet_agent", *verb.split()]
    return [*program, "--state", str(home.agent_state), *words]


def agent_log(home: DemoHome) -> Path:
    """Return what the agent wrote to its error stream."""
    return home.folder / "agent.log"


def portal_log(home: DemoHome) -> Path:
    """Return what the portal wrote."""
    return home.folder / "portal.log"


def free_port() -> int:
    """Return a port that is free on both loopback addresses now."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of either loopback address."""
    for family, address in _LOOPBACK:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            # Anything else means that the machine does not have this address.
    return True
