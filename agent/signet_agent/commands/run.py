"""``signet run``: become the agent; a second one only raises the first one's window."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

from signet_agent.app import Agent, real_parts
from signet_agent.commands.base import policy_in_force
from signet_agent.daemon.endpoints.control import ask_running_agent, serve_control
from signet_agent.daemon.policy import EMPTY_POLICY, Policy
from signet_agent.errors import SettingsError
from signet_agent.settings import Settings

_log = logging.getLogger(__name__)


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Run until the person, a signal or the system ends it."""
    if ask_running_agent(settings.control_socket, "status-window") is not None:
        _tell({"event": "running", "detail": "the agent runs already; its window was raised"})
        return 0
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    policy, trouble = _policy(settings)
    return asyncio.run(_serve(settings, policy, trouble, tray=not parsed.no_tray))


def _policy(settings: Settings) -> tuple[Policy, str]:
    """Return the policy, or one that allows nothing and the reason."""
    try:
        return policy_in_force(settings), ""
    except SettingsError as error:
        _log.warning("no usable policy, all sites are refused: %s", error.detail)
        return EMPTY_POLICY, error.detail


async def _serve(settings: Settings, policy: Policy, trouble: str, *, tray: bool) -> int:
    agent = Agent(settings, policy, real_parts(settings, policy), trouble)
    await agent.start()
    facts: dict[str, object] = {"sites": len(policy.site), "trouble": trouble}
    try:
        await _hold(agent, settings.control_socket, facts, tray=tray)
        settings.control_socket.unlink(missing_ok=True)
    finally:
        await agent.stop()
    return 0


async def _hold(agent: Agent, socket: Path, facts: dict[str, object], *, tray: bool) -> None:
    """Tell that the agent listens, and obey signals and commands until one of them ends it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, agent.stopped.set)

    async def obey(word: str) -> dict[str, object]:
        if word == "quit":
            agent.stopped.set()
        elif word == "status-window":
            await agent.obey("status")
        return await _state(agent)

    control = await serve_control(socket, obey)
    _tell(
        {
            "event": "listening",
            "port": agent.ports.port,
            "tls_port": agent.ports.tls_port,
            "pid": os.getpid(),
            **facts,
        }
    )
    if tray:
        await agent.presence.show_tray()
    await agent.stopped.wait()
    control.close()


async def _state(agent: Agent) -> dict[str, object]:
    view = await agent.describe()
    return {
        "state": view.state,
        "sentence": view.sentence,
        "version": view.version,
        "port": agent.ports.port,
        "tls_port": agent.ports.tls_port,
        "pid": os.getpid(),
    }


def _tell(event: dict[str, object]) -> None:
    """Write one event as a line of JSON for whoever started us."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()
