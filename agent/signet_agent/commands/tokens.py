"""``signet tokens``: what is plugged in, as the agent would see it, and what stands in the way."""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from signet_agent.commands.base import answer, policy_in_force
from signet_agent.daemon.keyring import KeyStore
from signet_agent.daemon.policy import Policy
from signet_agent.errors import AgentError
from signet_agent.model import PinState, Token
from signet_agent.settings import Settings
from signet_protocol.errors import ErrorCode

_CURES = {
    ErrorCode.TOKEN_TIMEOUT: (
        "驱动没有回应：请拔下再插入，还不行请更新驱动。 "
        "The driver does not answer: unplug the token and insert it again, or update the driver."
    ),
    ErrorCode.TOKEN_FAULT: (
        "驱动出错：请运行 signet doctor，看看它在不在、对不对。 "
        "The driver fails: signet doctor tells whether it is there and the right one."
    ),
}
_LOCKED = "PIN 码已锁住，请本人到证书服务点解锁 PIN locked: it is unlocked at a service point"
_AT_READER = "在读卡器上输入 typed at the reader"


class Look(Struct, frozen=True):
    """What one store answered; ``fault`` is empty where nothing was wrong."""

    store: str
    tokens: tuple[Token, ...] = ()
    fault: str = ""
    detail: str = ""
    cure: str = ""


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """List the tokens of the stores that policy names; 1 when a store could not tell.

    Raises:
        SettingsError: the policy cannot be used, so no store may be opened.
    """
    looks = asyncio.run(_look(policy_in_force(settings)))
    document = {
        "stores": [
            {"name": look.store, "fault": look.fault, "detail": look.detail, "cure": look.cure}
            for look in looks
        ],
        "tokens": [_record(token) for look in looks for token in look.tokens],
    }
    answer(document, _lines(looks), as_json=parsed.json)
    return 1 if any(look.fault for look in looks) else 0


async def _look(policy: Policy) -> list[Look]:
    from signet_agent.app import token_rooms

    rooms = token_rooms(policy)
    try:
        return list(await asyncio.gather(*(_look_at(room) for room in rooms)))
    finally:
        for room in rooms:
            await room.end()


async def _look_at(store: KeyStore) -> Look:
    try:
        return Look(store.name, await store.tokens())
    except AgentError as error:
        cure = _CURES.get(error.code, _CURES[ErrorCode.TOKEN_FAULT])
        return Look(store.name, (), error.code.value, error.detail, cure)


def _record(token: Token) -> dict[str, object]:
    return {
        "uri": token.uri,
        "label": token.label,
        "kind": token.kind,
        "demo": token.demo,
        "pin": token.pin,
        "certificates": [
            {
                "fingerprint": c.fingerprint,
                "holder": c.holder,
                "organisation": c.organisation,
                "issuer": c.issuer,
                "serial": c.serial,
                "not_after": _day(c.not_after),
                "uses": c.uses,
                "algorithm": c.algorithm,
            }
            for c in token.certificates
        ],
    }


def _lines(looks: list[Look]) -> Iterator[str]:
    tokens = [token for look in looks for token in look.tokens]
    if not tokens:
        yield "没有找到 USB Key 或卡。 No token found."
    for token in tokens:
        yield f"{token.label} ({token.uri})" + (" · 演示 demo" if token.demo else "")
        yield f"  PIN · {_pin(token.pin)}"
        for pair in token.pairs():
            for mark, certificate in zip(("", "+ "), pair, strict=False):
                uses = "、".join(use.value for use in certificate.uses)
                yield f"  {mark}{certificate.holder} · {uses} · {_day(certificate.not_after)}"
    for look in looks:
        if look.fault:
            yield f"{look.store}: {look.fault} ({look.detail})"
            yield f"  {look.cure}"


def _pin(pin: PinState) -> str:
    """Return in words how a PIN stands."""
    if pin.locked:
        return _LOCKED
    tries = "次数未知 tries not told" if pin.tries is None else f"还可输入 tries left: {pin.tries}"
    return f"{tries} · {_AT_READER}" if pin.at_reader else tries


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
