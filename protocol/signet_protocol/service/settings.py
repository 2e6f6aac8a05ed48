"""The service's configuration: the verification policy's file, with one table more.

authorities = ["city.pem"]

[service]
origins = ["https://portal.city.example"]
listen = "unix:/run/signet-verify/service.sock"
nonces = "host=/run/postgresql dbname=signet"
"""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self

from msgspec import Meta, Struct

from signet_protocol.service.messages import Origin
from signet_protocol.verify import PolicyError, VerificationPolicy, Verifier

MAX_THREADS = 64
"""Threads wait for responders and the database; more cores are used by more processes."""

MAX_WAITING = 10_000
"""What waits longer than a back end does is work for nobody."""

MAX_BODY_LIMIT = 64 * 1024 * 1024
"""A body is held in memory whole; a larger document is sent as its digest."""

MIN_BODY_LIMIT = 1024 * 1024
"""The largest signature that is accepted, in base64, with a small document."""

_UNIX = "unix:"
_MAX_PORT = 65_535

Seconds = Annotated[float, Meta(gt=0, le=600)]


class ServiceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the table ``service`` may say.

    Attributes:
        origins: the department's own origins; logins to others are not verified.
        listen: ``unix:PATH``, or a loopback address with its port.
        nonces: how libpq reaches the PostgreSQL database that holds the nonces; empty keeps them
            in this process, which then has to be the only one.
        threads: verifications at the same time.
        waiting: verifications that may wait for a thread.
        max_body_bytes: the largest body of a request.
        body_seconds: how long a body may take to arrive, and a connection may be idle.
        answer_seconds: how long an answer may take, waiting for responders included.
        grace_seconds: how long answers under way are waited for when the service is stopped.
    """

    origins: Annotated[tuple[Origin, ...], Meta(min_length=1)]
    listen: str = "127.0.0.1:8790"
    nonces: str = ""
    threads: Annotated[int, Meta(ge=1, le=MAX_THREADS)] = 8
    waiting: Annotated[int, Meta(ge=0, le=MAX_WAITING)] = 64
    max_body_bytes: Annotated[int, Meta(ge=MIN_BODY_LIMIT, le=MAX_BODY_LIMIT)] = 4 * 1024 * 1024
    body_seconds: Seconds = 10.0
    answer_seconds: Seconds = 30.0
    grace_seconds: Seconds = 20.0


class ServicePolicy(VerificationPolicy, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verification policy with the service's own table."""

    service: ServiceSettings


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens: a path, or a loopback address with its port."""

    path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``unix:PATH``, ``127.0.0.1:PORT`` or ``[::1]:PORT``; port 0 takes any free one.

        Raises:
            PolicyError: it is none of these. The service has no TLS and asks nobody who he is, so
                it listens to its own machine only.
        """
        if text.startswith(_UNIX):
            path = text.removeprefix(_UNIX)
            if not path.startswith("/"):
                raise PolicyError("service.listen: a socket's path is absolute")
            return cls(path=path)
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not _is_loopback(host) or not (port.isdecimal() and int(port) <= _MAX_PORT):
            raise PolicyError("service.listen: neither unix:PATH nor a loopback address with port")
        return cls(host=host, port=int(port))


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that the file says, ready for use."""

    settings: ServiceSettings
    address: Address
    verifier: Verifier

    @classmethod
    def load(cls, file: Path, listen: str = "") -> Self:
        """Read the file and the PEM files that it names.

        Args:
            file: the configuration.
            listen: where to listen, instead of what the file says; for several processes.

        Raises:
            PolicyError: the file cannot be used.
            TrustAnchorError: the authorities cannot be used.
            OSError: a file cannot be read.
        """
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            raise PolicyError("the configuration is not UTF-8") from None
        policy = ServicePolicy.from_toml(text)
        settings = policy.service
        return cls(
            settings,
            Address.parse(listen or settings.listen),
            Verifier.from_policy(policy, file.parent),
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
