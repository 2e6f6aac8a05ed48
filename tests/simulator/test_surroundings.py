"""The simulator does not start on a person's computer, and knows its own kind."""

import asyncio
import socket
from pathlib import Path

import pytest

from signet_agent import settings
from signet_simulator.errors import BesideAgentError, PlaceError
from signet_simulator.people import Crowd
from signet_simulator.surroundings import (
    BASE_PORT,
    PORT_COUNT,
    TLS_BASE_PORT,
    Surroundings,
    is_agent,
    listen,
    usual_surroundings,
)
from tests.kit.running_agent import free_base_port, running_agent
from tests.kit.running_simulator import scene

pytestmark = pytest.mark.quick


def test_the_contracts_ports_and_the_policys_place_are_the_agents() -> None:
    usual = usual_surroundings(18000)

    assert usual.policies == (settings.machine_policy_file(),)
    assert usual.ports == (settings.BASE_PORT, settings.TLS_BASE_PORT, 18000)
    assert (BASE_PORT, TLS_BASE_PORT, PORT_COUNT) == (
        settings.BASE_PORT,
        settings.TLS_BASE_PORT,
        settings.PORT_COUNT,
    )


@pytest.mark.parametrize(
    ("platform", "file"),
    [
        ("win32", "Signet/policy.toml"),
        ("darwin", "/Library/Application Support/Signet/policy.toml"),
        ("linux", "/etc/signet/policy.toml"),
    ],
)
def test_every_system_has_its_place_of_the_policy(
    monkeypatch: pytest.MonkeyPatch, platform: str, file: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)

    assert usual_surroundings(BASE_PORT).policies[0].as_posix().endswith(file)


def test_an_installed_policy_keeps_the_simulator_from_starting(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    surroundings = Surroundings((policy,), (free_base_port(),))
    surroundings.require_no_agent()
    policy.write_text("version = 1")

    with pytest.raises(BesideAgentError, match=r"policy is installed .*policy\.toml") as caught:
        surroundings.require_no_agent()
    assert caught.value.exit_code == 3


async def test_a_running_agent_keeps_the_simulator_from_starting(tmp_path: Path) -> None:
    async with running_agent(tmp_path) as running:
        surroundings = Surroundings((), (running.port,))
        with pytest.raises(BesideAgentError, match=f"running on port {running.port}"):
            await asyncio.to_thread(surroundings.require_no_agent)


async def test_another_simulator_is_no_agent(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        await asyncio.to_thread(Surroundings((), (shown.simulator.port,)).require_no_agent)


async def test_another_program_is_no_agent() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        assert not await asyncio.to_thread(is_agent, server.sockets[0].getsockname()[1])


def test_a_port_that_is_taken_is_passed_over_and_eight_are_the_end() -> None:
    base = free_base_port()
    first, opened = listen(base)
    second, more = listen(first)

    assert first < second
    taken = [*opened, *more]
    while len(taken) // len(opened) < PORT_COUNT:
        try:
            taken += listen(first)[1]
        except PlaceError:
            break
    with pytest.raises(PlaceError, match="are all taken"):
        listen(first)
    for each in taken:
        each.close()


def test_a_port_of_which_one_address_is_taken_is_passed_over() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as other:
        other.bind(("::1", 0))
        other.listen()
        taken = other.getsockname()[1]
        port, opened = listen(min(taken, 65_528))

    assert port != taken
    for each in opened:
        each.close()
