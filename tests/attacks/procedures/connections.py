"""What happens below HTTP: noise, other addresses, resets. TR-14, TR-21 and TR-22."""

import asyncio
import contextlib
import random
import socket
import struct
from itertools import pairwise
from pathlib import Path

from tests.attacks.classes import HANDSHAKE, HOST_DENIED, OK, class_of_status
from tests.attacks.hands import knock
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.wire import HANG_UP_S, LOOPBACK, Ended, exchange, upgrade
from tests.kit.client_hello import client_hello

RESETS = 1000
FULL_RESETS = 10_000

LOG_GROWTH = 100 * 1024
"""Octets that the storm may leave in all logs together."""

HANDLES_BACK_S = 60.0
"""The open files are back to what they were within this time."""

_LINGER_NOT_AT_ALL = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset."""


@plays("TR-14")
async def send_noise(scene: Scene) -> None:
    """Noise is refused at once, on both ports, and leaves no trace."""
    noise = {f"4 KiB of noise, seed {seed}": _noise(seed) for seed in range(8)}
    noise["noise after a letter"] = b"G" + _noise(9)
    noise["a TLS hello to the plain port"] = client_hello([0x1301, 0xC02B])
    noise["HTTP/2"] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    for label, octets in noise.items():
        await knock(scene, label, octets)
    texts = {"plain HTTP": upgrade(scene.port), "noise": _noise(10)}
    for label, octets in texts.items():
        answer = await exchange(scene.tls_port, octets)
        told = f"{label} to the TLS port"
        scene.judge(told, class_of_status(answer.status), answer.ended.value)
        scene.require(answer.ended is not Ended.OPEN, f"{told}: open after {HANG_UP_S} s")


@plays("TR-21")
async def come_from_elsewhere(scene: Scene) -> None:
    """Only the two loopback addresses answer, and they judge alike."""
    for address in sorted({"127.0.0.2", "127.255.255.254", *own_addresses()}):
        octets = upgrade(scene.port, Host=_host(address, scene.port))
        answer = await exchange(scene.port, octets, host=address)
        what = HOST_DENIED if answer.ended is Ended.REFUSED else f"reached ({answer.status})"
        scene.judge(address, what, answer.ended.value)
    mapped = f"::ffff:{LOOPBACK}"
    names = (mapped, "localhost.", "127.1", "0.0.0.0", "::", "0:0:0:0:0:0:0:1", "2130706433")  # noqa: S104 -- names to refuse, nothing is bound
    for host in (LOOPBACK, mapped, "::1"):
        for name in names:
            octets = upgrade(scene.port, Host=_host(name, scene.port))
            await knock(scene, f"{name} at {host}", octets, {HOST_DENIED}, host=host)
        octets = upgrade(scene.port, Host=_host("::1", scene.port))
        await knock(scene, f"[::1] at {host}", octets, {OK}, host=host)


@plays("TR-22")
async def reset_in_the_middle(scene: Scene) -> None:
    """Half a handshake and a reset, over and over: nothing piles up, nothing is logged."""
    half = upgrade(scene.port)[:60]
    handles, records = _open_files(), len(scene.agent.storage.records)
    count = FULL_RESETS if scene.full else RESETS
    for _ in range(count):
        await _reset_after(scene.port, half)
    async with asyncio.timeout(HANDLES_BACK_S):
        while _open_files() > handles:  # noqa: ASYNC110 -- the kernel tells nobody
            await asyncio.sleep(0.05)
    scene.judge(
        f"{count} resets", HANDSHAKE, f"{count} resets, {handles} open files before and after"
    )
    bodies = [record.body for record in scene.agent.storage.records[records:]]
    grown = len(scene.book.text) + sum(map(len, bodies))
    scene.require(grown < LOG_GROWTH, f"the logs grew by {grown} octets")


def own_addresses() -> set[str]:
    """Return this machine's addresses besides loopback, as Linux lists them."""
    found = set()
    lines = Path("/proc/net/fib_trie").read_text().splitlines()
    for before, line in pairwise(lines):
        if "/32 host LOCAL" in line:
            found.add(before.rpartition(" ")[2])
    with contextlib.suppress(FileNotFoundError):
        for line in Path("/proc/net/if_inet6").read_text().splitlines():
            octets, _, _, scope, *_ = line.split()
            if scope == "00":
                found.add(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(octets)))
    return {address for address in found if not address.startswith("127.")}


def _noise(seed: int) -> bytes:
    return random.Random(seed).randbytes(4096)  # noqa: S311 -- the same noise in every run


def _host(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


async def _reset_after(port: int, octets: bytes) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT_AT_ALL)
        await loop.sock_connect(connection, (LOOPBACK, port))
        await loop.sock_sendall(connection, octets)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
