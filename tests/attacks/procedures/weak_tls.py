"""Handshakes that nobody should speak any more: TR-15."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signet_agent.trust.certificate_folder import KEY_FILE, LEAF_FILE
from tests.attacks.classes import HANDSHAKE, OK
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.wire import LOOPBACK, Ended, exchange
from tests.kit.client_hello import ALERT, TLS_1_2, chosen_suite, client_hello
from tests.kit.pki import Authority, Subject, private_key
from tests.kit.running_agent import running_agent

STRONG = (0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9)
"""Ephemeral keys and authenticated encryption, with ECDSA and with RSA."""

VERSIONS = {"SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302}

WEAK = {
    "RC4": (0x0004, 0x0005, 0xC007, 0xC011),
    "3DES": (0x000A, 0x0016, 0xC008, 0xC012),
    "export": (0x0003, 0x0006, 0x0008, 0x0014),
    "RSA key exchange": (0x002F, 0x0035, 0x003C, 0x009C, 0x009D),
    "no encryption": (0x0001, 0x0002, 0xC006, 0xC010),
    "no certificate": (0x0018, 0x0034, 0x006C, 0xC018),
    "CBC": (0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC027),
    "finite-field exchange": (0x0033, 0x0039, 0x009E, 0x009F),
    "CCM of eight octets": (0xC0AE, 0xC0AF, 0xC0A0),
}


@plays("TR-15")
async def shake_hands_weakly(scene: Scene) -> None:
    """Old versions and weak suites fail, with a certificate of either kind of key."""
    await _try_all(scene, "ECDSA", scene.tls_port)
    async with _agent_with_rsa() as port:
        await _try_all(scene, "RSA", port)


async def _try_all(scene: Scene, kind: str, port: int) -> None:
    for name, version in VERSIONS.items():
        await _offer(scene, f"{kind}, {name}", port, client_hello(STRONG, version), HANDSHAKE)
    for name, suites in WEAK.items():
        await _offer(scene, f"{kind}, {name}", port, client_hello(suites), HANDSHAKE)
    await _offer(scene, f"{kind}, strong suites", port, client_hello(STRONG, TLS_1_2), OK)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        await _shake_hands(scene, f"{kind}, {version.name}", port, version)


async def _offer(scene: Scene, label: str, port: int, hello: bytes, wanted: str) -> None:
    """Offer something, and see whether the agent agrees to it."""
    answer = await exchange(port, hello, wait_s=1.0 if wanted == OK else 5.0)
    suite = chosen_suite(answer.octets)
    if suite is not None:
        scene.judge(label, OK, "ServerHello", {wanted})
        scene.require(suite in STRONG, f"{label}: suite {suite:04x} is taken")
        return
    alert = answer.octets[:1] == bytes((ALERT,))
    scene.judge(label, HANDSHAKE, "alert" if alert else answer.ended.value, {wanted})
    scene.require(answer.ended is not Ended.OPEN, f"{label}: the connection stays open")


async def _shake_hands(scene: Scene, label: str, port: int, version: ssl.TLSVersion) -> None:
    """Complete a handshake in exactly one version."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    _, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
    suite, spoken, _ = writer.get_extra_info("cipher")
    scene.judge(label, OK, spoken, {OK})
    scene.require("GCM" in suite or "POLY1305" in suite, f"{label}: {suite}")
    writer.close()


@asynccontextmanager
async def _agent_with_rsa() -> AsyncIterator[int]:
    """Run a second agent whose certificate has an RSA key, to which more weak suites fit."""
    key = private_key("rsa2048", 3)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    leaf = Authority.create("weak").issue(
        Subject("localhost"), key.public_key(), usage=None, extensions=[(names, False)]
    )
    with TemporaryDirectory(prefix="signet-attack-") as name:
        folder = Path(name)
        (folder / "tls").mkdir()
        (folder / "tls" / LEAF_FILE).write_bytes(leaf.public_bytes(Encoding.PEM))
        (folder / "tls" / KEY_FILE).write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        async with running_agent(folder) as agent:
            yield agent.agent.ports.tls_port
