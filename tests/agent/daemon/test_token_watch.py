"""The tray knows what is plugged in: a card's coming and going reaches the daemon by itself."""

import asyncio
from pathlib import Path

import pytest

from signet_agent.app import token_rooms
from signet_agent.channel.token_messages import OpenModule, TokenAnswer
from signet_agent.daemon import token_watch
from signet_agent.daemon.keyring import Keyring
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.daemon.token_room import TokenRoom
from signet_agent.daemon.token_watch import TokenWatch
from signet_agent.errors import RoomError
from signet_agent.processes import Room
from tests.kit import pki
from tests.kit.card.content import CITIZEN_SERIAL, citizen_content
from tests.kit.card.service import VirtualService

POLICY = """version = 1
[[card]]
profile = "citizen"
[[module]]
name = "driver"
path = "/nonexistent.so"
"""

DEADLINE_S = 5.0


async def test_a_card_is_known_soon_after_it_went_in_and_came_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = VirtualService(tmp_path / "pcscd")
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(service.socket))
    card = service.card(citizen_content(pki.Hierarchy.create().citizen))
    stores = token_rooms(parse_policy(POLICY))
    keys, changed = Keyring(stores), asyncio.Event()
    watch = TokenWatch(keys, stores, changed.set)
    watch.start()
    try:
        for word, serials in (("insert", [CITIZEN_SERIAL]), ("pull", [])) * 2:
            # The service looks at its virtual readers every 0.4 s.
            await asyncio.sleep(0.5)
            changed.clear()
            card.do(word)
            async with asyncio.timeout(DEADLINE_S):
                await changed.wait()
            assert [token.serial for token in keys.last_seen] == serials
    finally:
        await watch.end()
        for store in stores:
            await store.end()
        service.close()


async def test_a_room_that_does_not_start_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(token_watch, "RETRY_S", 0.01)
    starts, tried_again = [], asyncio.Event()

    async def fail() -> Room[TokenAnswer]:
        starts.append(1)
        if len(starts) == 3:
            tried_again.set()
        message = "no process"
        raise RoomError(message)

    store = TokenRoom(OpenModule("card", "card", profile="piv"), fail)
    watch = TokenWatch(Keyring([store]), [store], lambda: None)
    watch.start()
    async with asyncio.timeout(DEADLINE_S):
        await tried_again.wait()
    await watch.end()


async def test_a_store_that_does_not_tell_is_left_alone() -> None:
    async def start() -> Room[TokenAnswer]:
        raise AssertionError

    store = TokenRoom(OpenModule("driver", "pkcs11", "/nonexistent.so"), start)
    watch = TokenWatch(Keyring([store]), [store], lambda: None)
    watch.start()
    await asyncio.sleep(0.05)
    await watch.end()
