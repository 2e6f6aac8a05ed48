"""``signet doctor``: gathers what the checks may know, has them run, and prints what they found."""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from signet_agent.daemon.endpoints.control import ask_running_agent
from signet_agent.daemon.policy import EMPTY_POLICY, PolicyError, modules_in, read_policy
from signet_agent.doctor import ALL_CHECKS
from signet_agent.doctor.base import Status
from signet_agent.doctor.examination import examine, worst
from signet_agent.doctor.report_text import findings_json, findings_text
from signet_agent.doctor.surroundings import (
    KeyPlace,
    Layer,
    PolicyView,
    Ports,
    Surroundings,
    TrustView,
)
from signet_agent.errors import RoomError
from signet_agent.settings import PORT_COUNT, Settings
from signet_agent.trust.certificate_folder import CertificateFolder
from signet_agent.trust.installation import show
from signet_agent.trust.report import StoreState
from signet_agent.trust.stores import find_stores
from signet_agent.trust.stores.folders import folders_of

SANDBOX_DEADLINE_S = 10.0
"""Starting a room and trying three forbidden things takes a tenth of a second."""


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Examine this computer; the exit status is 1 when something stands in the way."""
    surroundings = Surroundings(
        policy=_policy(settings),
        audit_file=settings.audit_file,
        ports=_ports(settings),
        trust=_trust(settings),
        layers=asyncio.run(_sandbox()),
        environment=dict(os.environ),
        now=int(time.time()),
    )
    findings = examine(ALL_CHECKS, surroundings)
    text = findings_json(findings) if parsed.json else findings_text(findings, settings.language)
    sys.stdout.write(text + "\n")
    return 1 if worst(findings) is Status.PROBLEM else 0


def _policy(settings: Settings) -> PolicyView:
    fault, policy = "", EMPTY_POLICY
    try:
        policy = read_policy(settings.policy_file)
    except PolicyError as error:
        fault = str(error)
    keys = [KeyPlace(module.name, "pkcs11", Path(module.path)) for module in modules_in(policy)]
    keys += [KeyPlace(module.name, "skf", Path(module.path)) for module in policy.skf]
    keys += [KeyPlace(token.name, "software", Path(token.path)) for token in policy.software]
    return PolicyView(
        path=settings.policy_file,
        machine=settings.machine_policy,
        sites=len(policy.site),
        keys=tuple(keys),
        cards=tuple(card.name for card in policy.card),
        fault=fault,
    )


def _ports(settings: Settings) -> Ports:
    state = ask_running_agent(settings.control_socket, "status") or {}
    own = {state.get("port"), state.get("tls_port")}
    return Ports(
        plain=tuple(range(settings.base_port, settings.base_port + PORT_COUNT)),
        tls=tuple(range(settings.tls_base_port, settings.tls_base_port + PORT_COUNT)),
        own=frozenset(port for port in own if isinstance(port, int) and port),
    )


def _trust(settings: Settings) -> TrustView:
    report = show(CertificateFolder(settings.tls_dir), find_stores(folders_of()))
    distrusting = [
        f"{store.browser} ({store.place})"
        for store in report.stores
        if store.state not in {StoreState.TRUSTS, StoreState.ABSENT}
    ]
    return TrustView(report.certificate.value, report.not_after, tuple(distrusting))


async def _sandbox() -> tuple[Layer, ...]:
    """Have a process shut itself in as the document room does, and tell what holds."""
    from signet_agent.processes import Room, start_room

    try:
        room: Room[dict[str, list[Layer]]] = await start_room(
            "sandbox", dict[str, tuple[Layer, ...]]
        )
        async with asyncio.timeout(SANDBOX_DEADLINE_S):
            report = await room.channel.receive()
        await room.end()
    except (RoomError, TimeoutError) as error:
        return (Layer("room", holds=False, detail=str(error)),)
    return tuple(report["layers"])
