"""All stores as one: a store that hangs holds nobody up twice."""

import asyncio
from dataclasses import dataclass, field

import pytest

from signet_agent.channel.token_messages import PinKey, Sign, Unwrap
from signet_agent.daemon import keyring
from signet_agent.daemon.keyring import Keyring
from signet_agent.errors import TokenError
from signet_agent.model import PinState, Token
from signet_protocol.errors import ErrorCode

pytestmark = pytest.mark.quick


@dataclass
class Store:
    """A store that answers when the test lets it; an error among the answers is raised."""

    name: str
    answers: list[tuple[Token, ...] | TokenError]
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    looks: int = 0

    async def tokens(self) -> tuple[Token, ...]:
        self.looks += 1
        await self.may_answer.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, TokenError):
            raise answer
        return answer

    async def open_pin(self, consent: bytes, token: str) -> PinKey:
        raise NotImplementedError

    async def sign(self, order: Sign) -> tuple[bytes, ...]:
        raise NotImplementedError

    async def unwrap(self, order: Unwrap) -> bytes:
        raise NotImplementedError


TOKEN = Token("pkcs11:slow/1", "", "1", "usb-key", PinState())
OTHER = Token("pkcs11:quick/2", "", "2", "usb-key", PinState())
HUNG = TokenError("hung", ErrorCode.TOKEN_TIMEOUT)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "SLOW_STORE_WAIT_S", 0.01)


async def _hung_once(*answers: tuple[Token, ...] | TokenError) -> tuple[Keyring, Store]:
    slow, quick = Store("slow", [HUNG, *answers]), Store("quick", [(OTHER,)] * 9)
    slow.may_answer.set()
    quick.may_answer.set()
    keys = Keyring([slow, quick])
    assert await keys.tokens() == (OTHER,)
    slow.may_answer.clear()
    return keys, slow


async def test_a_store_that_hung_is_not_waited_for_and_looked_at_once_at_a_time() -> None:
    keys, slow = await _hung_once((TOKEN,))

    assert await keys.tokens() == (OTHER,)
    assert await keys.tokens() == (OTHER,)
    assert slow.looks == 2
    await keys.end()


async def test_a_store_that_answers_again_is_there_again() -> None:
    keys, slow = await _hung_once(*[(TOKEN,)] * 3)
    assert await keys.tokens() == (OTHER,)

    slow.may_answer.set()

    assert await keys.tokens() == (TOKEN, OTHER)
    assert await keys.tokens() == (TOKEN, OTHER)
    assert keys._slow == set()


async def test_a_store_that_fails_otherwise_is_waited_for() -> None:
    broken = Store("slow", [TokenError("broken"), (TOKEN,)])
    broken.may_answer.set()
    keys = Keyring([broken])

    assert await keys.tokens() == ()
    assert await keys.tokens() == (TOKEN,)
    await keys.end()
