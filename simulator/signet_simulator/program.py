"""One run: look around, make the people, listen, follow orders, end."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from signet_simulator import __version__
from signet_simulator.arguments import Arguments
from signet_simulator.connections import PageServer
from signet_simulator.console import Console
from signet_simulator.conversation import Conversation
from signet_simulator.errors import PlaceError, ScriptError
from signet_simulator.gate import Refusal
from signet_simulator.people import Crowd
from signet_simulator.scripts import Director, read_order
from signet_simulator.surroundings import Surroundings, listen
from signet_simulator.texts import say
from signet_simulator.way import ScriptedWay

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Program:
    """The simulator, from its start to its end."""

    def __init__(self, arguments: Arguments, surroundings: Surroundings, stream: TextIO) -> None:
        """Take what it was asked for, where the agent would be, and where to write."""
        self._arguments = arguments
        self._surroundings = surroundings
        self._console = Console(stream, arguments.language, as_json=arguments.as_json)
        self._director = Director(arguments.script, arguments.answer)
        self._stop = asyncio.Event()

    async def run(self, orders: TextIO | None) -> int:
        """Run until it is told to end; return the exit code.

        Args:
            orders: where lines with orders come from.

        Raises:
            SimulatorError: it cannot start.
        """
        self._surroundings.require_no_agent()
        port, sockets = listen(self._arguments.base_port)
        crowd = Crowd.create()
        if self._arguments.folder is not None:
            crowd.write(self._arguments.folder)
        way = ScriptedWay(crowd, self._director, self._console)
        server = PageServer(
            port,
            self._arguments.origins,
            lambda origin, send, hang_up: Conversation(way, origin, send, hang_up),
            self._note_refusal,
        )
        loop = asyncio.get_running_loop()
        listening = [await loop.create_server(server, sock=each) for each in sockets]
        self._introduce(port, crowd)
        for number in _SIGNALS:
            # Windows has no handlers in its loop; there Ctrl-C ends the process as it is.
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self._stop.set)
        if orders is not None:
            _read_in_thread(orders, self.follow)
        code = await self._wait()
        for each in listening:
            each.close()
        await server.say_goodbye()
        self._console.say("goodbye")
        return code

    def follow(self, line: str) -> None:
        """Follow one line of orders; one that is not understood is answered and changes nothing."""
        words = line.split(maxsplit=1)
        if not words:
            return
        if words == ["quit"]:
            self._stop.set()
            return
        try:
            if words[0] == "default":
                self._director.change_default(read_order(words[-1]))
            else:
                self._director.add(read_order(line))
        except ScriptError as error:
            self._console.tell("misunderstood", reason=error.sentence(self._arguments.language))
            return
        self._console.tell("ordered", order=line.strip())

    def _introduce(self, port: int, crowd: Crowd) -> None:
        """Say what this is, before anything else happens."""
        arguments = self._arguments
        address = f"ws://127.0.0.1:{port}/v1"
        tell = self._console.say
        tell("title", version=__version__)
        tell("worthless")
        tell("listening", address=address)
        tell("sites", origins="  ".join(sorted(arguments.origins)))
        if arguments.folder is not None:
            tell("files", folder=arguments.folder)
        if crowd.sm2_root is None:
            tell("no_sm2")
        tell("default", answer=self._director.default.answer)
        if not arguments.command:
            tell("orders")
        if arguments.as_json:
            notice = say(arguments.language, "worthless")
            self._console.tell("ready", address=address, notice=notice)

    async def _wait(self) -> int:
        """Wait for the end: an order, a signal, or the end of the command."""
        if not self._arguments.command:
            await self._stop.wait()
            return 0
        command = self._arguments.command
        try:
            child = await asyncio.create_subprocess_exec(*command)
        except OSError as error:
            raise PlaceError("command", command=command[0], reason=error.strerror) from error
        ending = asyncio.ensure_future(child.wait())
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([ending, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ending.done():
            child.terminate()
        return await ending

    def _note_refusal(self, refusal: Refusal, origin: str) -> None:
        if refusal is not Refusal.UPGRADE:
            self._console.tell("turned_away", status=str(refusal.value), origin=origin)


def _read_in_thread(orders: TextIO, follow: Callable[[str], None]) -> None:
    """Hand each line to the loop; the end of the input ends nothing."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in orders:
            try:
                loop.call_soon_threadsafe(follow, line)
            except RuntimeError:
                # The loop has ended.
                return

    threading.Thread(target=read, daemon=True).start()


def run(arguments: Arguments, surroundings: Surroundings) -> int:
    """Run the simulator on the process's own streams; return the exit code.

    Raises:
        SimulatorError: it cannot start.
    """
    # With a command beside it, standard input is the command's.
    orders = None if arguments.command else sys.stdin

    async def whole() -> int:
        return await Program(arguments, surroundings, sys.stdout).run(orders)

    return asyncio.run(whole())
