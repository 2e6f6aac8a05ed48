"""A card service of one's own: pcscd with virtual readers, in its own namespaces.

Its socket lies in a temporary folder, where pcsc-lite finds it by PCSCLITE_CSOCK_NAME; its readers'
ports exist in a network of its own. So any number of them run beside each other and beside the
machine's.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.kit.card.chip import CardContent

READY_S = 10.0
PORT = 0x8C7B
"""Of the first reader; the second listens at the next one. Private to each service."""

_SCRIPT = """
mount -t tmpfs tmpfs /run
mkdir /run/pcscd
mount --bind "$1" /run/pcscd
ip link set lo up
exec sleep infinity
"""


def driver_path() -> Path:
    """Return where the virtual reader's driver lies.

    Raises:
        FileNotFoundError: the package vsmartcard-vpcd is not installed.
    """
    for root in (Path("/usr/lib/pcsc"), *Path("/usr/lib").glob("*/pcsc")):
        for path in root.glob("**/libifdvpcd.so"):
            return path
    message = "libifdvpcd.so: install the package vsmartcard-vpcd"
    raise FileNotFoundError(message)


@cache
def own_folder() -> Path:
    """Return the folder of the one service that this process itself can reach.

    pcsc-lite reads PCSCLITE_CSOCK_NAME at its first use in a process and never again.
    """
    folder = Path(tempfile.mkdtemp(prefix="signet-pcscd-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PCSCLITE_CSOCK_NAME"] = str(folder / "run" / "pcscd.comm")
    return folder


class VirtualCard:
    """A card in somebody's hand, beside one of the readers."""

    def __init__(self, inside: Sequence[str], content: Path, port: int) -> None:
        """Start the card's program; the card is not in the reader yet."""
        command = [*inside, sys.executable, "-m", "tests.kit.card", str(content), str(port)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, *words: object) -> dict[str, Any]:
        """Say one line to the hand and return the card's state afterwards."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        state: dict[str, Any] = json.loads(self._process.stdout.readline())
        return state

    def count(self, ins: int) -> int:
        """Return how often the card saw a command."""
        return int(self.do("state")["seen"].count(f"{ins:02x}"))

    def close(self) -> None:
        """Take card and hand away."""
        self._process.kill()
        self._process.communicate()


class VirtualService:
    """The service and its two readers."""

    def __init__(self, folder: Path) -> None:
        """Make the namespaces and start pcscd in them."""
        self.folder = folder
        self.socket = folder / "run" / "pcscd.comm"
        (folder / "run").mkdir(parents=True, exist_ok=True)
        configuration = folder / "reader.conf"
        configuration.write_text(
            f'FRIENDLYNAME "Virtual"\nDEVICENAME /dev/null:0x{PORT:X}\n'
            f"LIBPATH {driver_path()}\nCHANNELID 0x{PORT:X}\n"
        )
        unshare = ["unshare", "-m", "-n", *["-r"][: os.geteuid() != 0]]
        self._space = subprocess.Popen([*unshare, "sh", "-e", "-c", _SCRIPT, "sh", folder / "run"])
        self._inside = ["nsenter", "-m", "-n", "-t", str(self._space.pid), f"--wd={Path.cwd()}"]
        self._cards: list[VirtualCard] = []
        self._pcscd: subprocess.Popen[bytes] | None = None
        self._wait(lambda: "sleep" in self._name())
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which pcsc-lite finds this service and no other."""
        return {**os.environ, "PCSCLITE_CSOCK_NAME": str(self.socket)}

    def start(self) -> None:
        """Start pcscd and wait until its readers are there."""
        command = ["pcscd", "--foreground", "--config", str(self.folder / "reader.conf")]
        self._pcscd = subprocess.Popen([*self._inside, *command], stdout=subprocess.DEVNULL)
        self._wait(lambda: self.socket.exists() and self._listens())

    def stop(self) -> None:
        """End pcscd; cards in the readers are out."""
        assert self._pcscd is not None
        self._pcscd.terminate()
        self._pcscd.wait(READY_S)
        for left in (self.folder / "run").iterdir():
            left.unlink()

    def card(self, content: CardContent, reader: int = 0) -> VirtualCard:
        """Return a card beside reader 0 or 1."""
        path = self.folder / f"{content.kind}-{content.serial}.json"
        path.write_bytes(msgspec.json.encode(content))
        made = VirtualCard(self._inside, path, PORT + reader)
        self._cards.append(made)
        return made

    def close(self) -> None:
        """End everything."""
        for card in self._cards:
            card.close()
        self.stop()
        self._space.kill()
        self._space.wait()

    def _name(self) -> str:
        return Path(f"/proc/{self._space.pid}/comm").read_text()

    def _listens(self) -> bool:
        sockets = Path(f"/proc/{self._space.pid}/net/tcp").read_text()
        return f":{PORT:04X} 00000000:0000 0A" in sockets

    def _wait(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + READY_S
        while not ready():
            if time.monotonic() > end:
                message = "the virtual card service did not start"
                raise TimeoutError(message)
            time.sleep(0.02)
