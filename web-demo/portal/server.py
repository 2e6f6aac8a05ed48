"""Serving the project: gunicorn with threads, ending TLS itself, on both loopback addresses."""
# gunicorn ships no types, so its base class is unknown to the checker.
# mypy: disallow-subclassing-any=False

import os
import socket
from collections.abc import Mapping
from typing import Any

from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

THREADS = 8
"""One process is enough for a demo; verifying a signature keeps a thread busy for milliseconds."""

GRACE_SECONDS = 5
"""How long a stopping server lets requests end; none of ours takes a second."""

READY_LINE = "portal ready on port {port}"
"""What standard output says once requests are answered."""


class PortalServer(BaseApplication):
    """The WSGI server with settings from the environment instead of a command line."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take ``PORTAL_PORT``, ``PORTAL_CERTIFICATE`` and ``PORTAL_KEY``."""
        self._environment = environment
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        port = self._environment["PORTAL_PORT"]
        settings: dict[str, Any] = {
            "bind": [f"{address}:{port}" for address in loopback_addresses()],
            "certfile": self._environment["PORTAL_CERTIFICATE"],
            "keyfile": self._environment["PORTAL_KEY"],
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "graceful_timeout": GRACE_SECONDS,
            # It would open a socket in the person's home directory.
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_worker_init": lambda _: print(READY_LINE.format(port=port), flush=True),  # noqa: T201 -- the starter waits for this line
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 -- Django ships no types
        """Return the WSGI application."""
        return get_wsgi_application()


def loopback_addresses() -> list[str]:
    """Return 127.0.0.1, and ::1 where the machine has it."""
    addresses = ["127.0.0.1"]
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return addresses
    return [*addresses, "[::1]"]


def serve() -> None:
    """Serve until a signal ends it."""
    PortalServer(os.environ).run()
