"""Requests that are no proper handshake: TR-01 to TR-11."""

import tracemalloc
from base64 import b64encode
from itertools import product

from tests.attacks.case import EVIL, PORTAL
from tests.attacks.hands import knock
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.wire import LOOPBACK, TcpAnswer, request, upgrade

MEMORY_GROWTH = 2 * 1024 * 1024
"""Octets that one oversized head may cost at most."""

REFUSAL_S = 1.0
"""An oversized head is refused within this time, whatever is still on its way."""

PATHS = ("/", "/favicon.ico", "/version", "/status", "/metrics", "/v1")


@plays("TR-01")
async def visit_as_a_web_site(scene: Scene) -> None:
    """Plain requests learn nothing: every answer is the same to the octet."""
    answers = set()
    for path, origin in product(PATHS, (None, EVIL, PORTAL, "null")):
        fields = [("Host", f"{LOOPBACK}:{scene.port}"), ("Accept", "*/*")]
        fields += [("Origin", origin)] if origin else []
        label = f"GET {path} from {origin}"
        answers.add((await knock(scene, label, request(f"GET {path} HTTP/1.1", fields))).octets)
    scene.require(len(answers) == 1, f"{len(answers)} different answers")


@plays("TR-03")
async def offer_other_versions(scene: Scene) -> None:
    """Only version 13 of the WebSocket protocol is spoken, and the answer says so."""
    for version in ("0", "7", "8", "12", "14", "013", "13, 8", "", None):
        octets = upgrade(scene.port, Sec_WebSocket_Version=version)
        answer = await knock(scene, f"version {version}", octets)
        told = answer.fields.get("sec-websocket-version")
        scene.require(told == "13", f"version {version}: the answer names {told}")


@plays("TR-04")
async def send_bad_keys(scene: Scene) -> None:
    """The key must be base64 of sixteen octets."""
    keys = {
        "15 octets": b64encode(bytes(15)).decode(),
        "17 octets": b64encode(bytes(17)).decode(),
        "no base64": "!" * 24,
        "not padded": b64encode(bytes(16)).decode().rstrip("="),
        "empty": "",
    }
    for label, key in keys.items():
        await knock(scene, label, upgrade(scene.port, Sec_WebSocket_Key=key))


@plays("TR-06")
async def use_other_methods(scene: Scene) -> None:
    """Only GET shakes hands, and no preflight gives a stranger any permission."""
    lines = [f"{method} /v1 HTTP/1.1" for method in ("POST", "PUT", "OPTIONS", "TRACE", "HEAD")]
    lines += [f"CONNECT {LOOPBACK}:{scene.port} HTTP/1.1", "DELETE /v1 HTTP/1.1"]
    for line in lines:
        await knock(scene, line, upgrade(scene.port, line=line, Origin=EVIL))
    ask = {
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "content-type, x-signet",
        "Access_Control_Request_Private_Network": "true",
        "Access_Control_Request_Local_Network": "true",
    }
    no_upgrade = {"Upgrade": None, "Connection": None}
    octets = upgrade(scene.port, line="OPTIONS /v1 HTTP/1.1", Origin=EVIL, **no_upgrade, **ask)
    for tls in (False, True):
        answer = await knock(scene, f"preflight, TLS {tls}", _for_tls(scene, octets, tls), tls=tls)
        given = [name for name in answer.fields if name.startswith("access-control-")]
        scene.require(not given, f"the preflight of a stranger is answered with {given}")


@plays("TR-08")
async def send_oversized_heads(scene: Scene) -> None:
    """A head beyond the limit is refused at once and costs next to nothing."""
    port = scene.port
    heads = {
        "1,000 fields": upgrade(port)[:-2] + b"X: y\r\n" * 1000 + b"\r\n",
        "one field of 64 KiB": upgrade(port, X="y" * 65536),
        "a request line of 1 MiB": upgrade(port, line=f"GET /{'a' * 2**20} HTTP/1.1"),
        "no line end in 1 MiB": b"G" * 2**20,
        "65 fields": upgrade(port)[:-2] + b"X: y\r\n" * 65 + b"\r\n",
    }
    for label, octets in heads.items():
        tracemalloc.start()
        answer = await knock(scene, label, octets)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        scene.require(peak < MEMORY_GROWTH, f"{label}: {peak} octets of memory")
        scene.require(answer.seconds < REFUSAL_S, f"{label}: {answer.seconds:.1f} s", slow=True)


@plays("TR-11")
async def offer_compression(scene: Scene) -> None:
    """Whatever extension is offered, none is taken."""
    offers = (
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "x-webkit-deflate-frame",
        "permessage-deflate; server_no_context_takeover, permessage-deflate",
    )
    for offer in offers:
        answer = await knock(scene, offer, upgrade(scene.port, Sec_WebSocket_Extensions=offer))
        _require_no_extension(scene, offer, answer)


def _require_no_extension(scene: Scene, label: str, answer: TcpAnswer) -> None:
    taken = answer.fields.get("sec-websocket-extensions")
    scene.require(answer.status == 101, f"{label}: {answer.status}")
    scene.require(taken is None, f"{label}: {taken} is taken")


def _for_tls(scene: Scene, octets: bytes, tls: bool) -> bytes:
    """Turn a request for the plain port into one for the TLS port."""
    plain, secure = f"{LOOPBACK}:{scene.port}", f"localhost:{scene.tls_port}"
    return octets.replace(plain.encode(), secure.encode()) if tls else octets
