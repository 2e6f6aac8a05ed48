"""Ports that are free, taken by others, or the agent's own."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import msgspec
import pytest

from signet_agent.doctor.base import Status
from signet_agent.doctor.ports import PortsCheck
from signet_agent.doctor.surroundings import Surroundings, TrustView
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick

USABLE = TrustView(certificate="usable", not_after=2_000_000_000)

Take = Callable[[int], None]


@pytest.fixture(params=["127.0.0.1", "::1", ""])
def take(request: pytest.FixtureRequest) -> Iterator[Take]:
    """Listen as another program would, on one of the addresses that bar the way, or on all."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with ExitStack() as held:

        def listen(port: int) -> None:
            held.callback(socket.create_server((request.param, port), family=family).close)

        yield listen


def _owning(surroundings: Surroundings, *ports: int) -> Surroundings:
    changed = msgspec.structs.replace(surroundings.ports, own=frozenset(ports))
    return msgspec.structs.replace(surroundings, ports=changed)


def test_free_ports_are_fine(spoil: Spoil) -> None:
    surroundings = spoil()

    finding = PortsCheck().run(surroundings)

    assert finding.status is Status.OK
    assert str(surroundings.ports.plain[0]) in finding.sentence.zh


def test_the_agents_own_port_is_fine_and_named(spoil: Spoil, take: Take) -> None:
    surroundings = spoil()
    own = surroundings.ports.plain[0]
    take(own)

    finding = PortsCheck().run(_owning(surroundings, own))

    assert finding.status is Status.OK
    assert finding.sentence.en == f"Listening on {own}."


def test_a_port_that_another_program_holds_is_told(spoil: Spoil, take: Take) -> None:
    surroundings = spoil()
    take(surroundings.ports.plain[2])

    finding = PortsCheck().run(surroundings)

    assert finding.status is Status.NOTICE
    assert str(surroundings.ports.plain[2]) in finding.sentence.zh


def test_all_ports_taken_is_a_problem(spoil: Spoil, take: Take) -> None:
    surroundings = spoil()
    for port in surroundings.ports.plain:
        take(port)

    finding = PortsCheck().run(surroundings)

    assert finding.status is Status.PROBLEM
    assert finding.detail == ", ".join(map(str, surroundings.ports.plain))


def test_all_tls_ports_taken_is_told_where_trust_is_installed(spoil: Spoil, take: Take) -> None:
    surroundings = spoil(trust=USABLE)
    for port in surroundings.ports.tls:
        take(port)

    finding = PortsCheck().run(surroundings)

    assert finding.status is Status.NOTICE
    assert "TLS" in finding.sentence.en


def test_tls_ports_do_not_matter_where_trust_is_not_installed(spoil: Spoil, take: Take) -> None:
    surroundings = spoil()
    for port in surroundings.ports.tls:
        take(port)

    assert PortsCheck().run(surroundings).status is Status.OK


def test_looking_leaves_the_ports_free(spoil: Spoil) -> None:
    surroundings = spoil()

    PortsCheck().run(surroundings)

    for port in surroundings.ports.plain:
        socket.create_server(("127.0.0.1", port)).close()


def test_a_connection_that_just_ended_does_not_count(spoil: Spoil) -> None:
    surroundings = spoil()
    port = surroundings.ports.plain[0]
    with (
        socket.create_server(("127.0.0.1", port)) as listening,
        socket.create_connection(("127.0.0.1", port)) as caller,
    ):
        answering, _ = listening.accept()
        answering.close()
        assert caller.recv(1) == b""

    assert PortsCheck().run(surroundings).status is Status.OK
