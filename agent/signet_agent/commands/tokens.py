"""``signet tokens``: what is plugged in, as the agent would see it."""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from signet_agent.commands.base import answer, policy_in_force
from signet_agent.daemon.keyring import Keyring
from signet_agent.daemon.policy import Policy
from signet_agent.model import Token
from signet_agent.settings import Settings


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """List the tokens of the stores that policy names.

    Raises:
        SettingsError: the policy cannot be used, so no store may be opened.
    """
    policy = policy_in_force(settings)
    tokens = asyncio.run(_list(policy))
    document = [
        {
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
        for token in tokens
    ]
    answer(document, _lines(tokens), as_json=parsed.json)
    return 0


async def _list(policy: Policy) -> tuple[Token, ...]:
    from signet_agent.app import token_rooms

    rooms = token_rooms(policy)
    try:
        return await Keyring(rooms).tokens()
    finally:
        for room in rooms:
            await room.end()


def _lines(tokens: tuple[Token, ...]) -> Iterator[str]:
    if not tokens:
        yield "没有找到 USB Key 或卡。 No token found."
    for token in tokens:
        yield f"{token.label} ({token.uri})" + (" · 演示 demo" if token.demo else "")
        for certificate in token.certificates:
            uses = "、".join(use.value for use in certificate.uses)
            yield f"  {certificate.holder} · {uses} · {_day(certificate.not_after)}"


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
