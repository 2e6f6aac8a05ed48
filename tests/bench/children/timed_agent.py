"""An agent with everything real but the person, in a process of its own, under a stopwatch.

Usage: ``timed_agent.py FOLDER``, with ``policy.toml`` in the folder. It writes its port as a line
of JSON; each line it reads is answered by the stopwatch's rows since the line before. The end of
its input ends it.
"""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import signet_agent.daemon.dispatcher as way
from signet_agent.app import Agent, Parts, real_parts
from signet_agent.daemon import verification
from signet_agent.daemon.gate import Gate
from signet_agent.daemon.policy import read_policy
from tests.bench.stopwatch import WAY, Stopwatch
from tests.kit.running_agent import settings_in
from tests.kit.scripted_prompt import Person, ScriptedPrompt, ScriptedWindow
from tests.kit.softhsm import PIN


def put_under(stopwatch: Stopwatch, agent: Agent, parts: Parts) -> None:
    """Time the parts that were handed in, and the steps that are functions."""
    stopwatch.watch(agent.dispatcher, "perform", WAY)
    stopwatch.watch(Gate, "judge", "gate")
    stopwatch.watch(agent._decider, "admit", "policy")
    stopwatch.watch(way, "candidates", "policy")
    stopwatch.watch(agent._log, "write", "audit")
    stopwatch.watch(verification, "verify_signature", "verify")
    stopwatch.watch(ScriptedWindow, "send", "window")
    for name in ("show", "bind", "finish"):
        stopwatch.watch(parts.documents, name, "prepare")
    for store in parts.stores:
        for name in ("tokens", "open_pin", "sign"):
            stopwatch.watch(store, name, "worker")


async def main(folder: Path) -> None:
    """Serve until the input ends."""
    settings = settings_in(folder)
    policy = read_policy(settings.policy_file)
    person = Person(pins=(PIN,))
    parts = replace(real_parts(settings, policy), prompt=ScriptedPrompt(person))
    agent = Agent(settings, policy, parts)
    stopwatch = Stopwatch()
    put_under(stopwatch, agent, parts)
    await agent.start()
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tell({"port": agent.ports.port})
    async for _ in lines:
        tell(stopwatch.take())
    await agent.stop()


def tell(answer: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
