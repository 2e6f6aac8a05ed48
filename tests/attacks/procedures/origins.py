"""Who may ask at all: OR-01 to OR-25."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from signet_agent.daemon.policy import EMPTY_POLICY, PolicyError
from signet_agent.daemon.policy.reading import parse_policy
from tests.attacks.case import EVIL, PORTAL, SOCKET_PATH
from tests.attacks.classes import HOST_DENIED, ORIGIN_DENIED
from tests.attacks.hands import knock
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.wire import LOOPBACK, exchange, request, upgrade
from tests.kit.running_agent import POLICY, running_agent

HOST = "portal.example.com"


@plays("OR-01")
async def ask_as_a_stranger(scene: Scene) -> None:
    """A stranger is refused by every way in: socket, secure socket, POST and its preflight."""
    await _try_origins(scene, (EVIL, "https://evil.example:443", "https://example.com"))
    tls_host = ("Host", f"localhost:{scene.tls_port}")
    body = b'{"jsonrpc":"2.0","id":1,"method":"choose","params":{}}'
    posting = [("Content-Type", "application/json"), ("X-Signet", "1")]
    length = ("Content-Length", str(len(body)))
    fields = [tls_host, ("Origin", EVIL), *posting]
    line = f"POST {SOCKET_PATH} HTTP/1.1"
    await knock(scene, "a POST", request(line, [*fields, length], body), tls=True)
    line = f"OPTIONS {SOCKET_PATH} HTTP/1.1"
    asking = ("Access-Control-Request-Method", "POST")
    answer = await knock(scene, "a preflight", request(line, [*fields[:2], asking]), tls=True)
    scene.require("access-control-allow-origin" not in answer.fields, "the preflight is allowed")
    octets = upgrade(scene.port, Host=tls_host[1], Origin=EVIL)
    await knock(scene, "a secure socket", octets, tls=True)


@plays("OR-02")
async def name_no_origin(scene: Scene) -> None:
    """Whoever names no origin is nobody."""
    await knock(scene, "no origin", upgrade(scene.port, Origin=None))
    await _try_origins(scene, ("", " ", "\t"))


@plays("OR-03")
async def name_an_opaque_origin(scene: Scene) -> None:
    """Documents without an origin of their own are refused however they are spelt."""
    await _try_origins(scene, ("null", "Null", "file://", "data:", "about:blank", "blob:null/1"))


@plays("OR-04")
async def name_another_scheme(scene: Scene) -> None:
    """The same host by any other scheme is another site."""
    schemes = ("http", "ws", "wss", "ftp", "https+x", "view-source:https")
    await _try_origins(scene, (f"{scheme}://{HOST}" for scheme in schemes))
    await _try_origins(scene, (HOST, f"//{HOST}"))


@plays("OR-05")
async def name_another_port(scene: Scene) -> None:
    """So is the same host on any other port, and on the usual port if that is written out."""
    ports = ("8443", "443", "0443", "80", "1", "65535", "99999", "")
    await _try_origins(scene, (f"{PORTAL}:{port}" for port in ports))


@plays("OR-06")
async def add_a_suffix(scene: Scene) -> None:
    """Something behind the host makes another host."""
    suffixes = (".evil.example", ".", ".evil", "evil", "-x", "%00.evil.example", "\x80")
    await _try_origins(scene, (f"{PORTAL}{suffix}" for suffix in suffixes))


@plays("OR-07")
async def add_a_prefix(scene: Scene) -> None:
    """And so does something before it."""
    prefixes = ("evil", "www.", "evil.", "a.b.", "-", ".", "evil.example.")
    await _try_origins(scene, (f"https://{prefix}{HOST}" for prefix in prefixes))


@plays("OR-08")
async def hide_behind_a_user(scene: Scene) -> None:
    """A user part is no host."""
    hosts = (f"{HOST}@evil.example", f"evil.example@{HOST}", f"{HOST}:443@evil.example", f"@{HOST}")
    await _try_origins(scene, (f"https://{host}" for host in hosts))


@plays("OR-09")
async def add_a_path(scene: Scene) -> None:
    """An origin has no path, query or fragment, not even an empty one."""
    rests = ("/", "//", "/sign", "?", "?x", "#", "/../", "\\", ";x", "/ https://x")
    await _try_origins(scene, (f"{PORTAL}{rest}" for rest in rests))


@plays("OR-10")
async def write_in_capitals(scene: Scene) -> None:
    """A browser writes origins in small letters."""
    await _try_origins(
        scene, (PORTAL.upper(), PORTAL.title(), f"HTTPS://{HOST}", f"https://P{HOST[1:]}")
    )


@plays("OR-11")
async def name_two_origins(scene: Scene) -> None:
    """Two Origin fields are malformed in either order, and so is the same one twice."""
    usual = upgrade(scene.port, Origin=None)[:-2]
    for first, second in ((PORTAL, EVIL), (EVIL, PORTAL), (PORTAL, PORTAL)):
        octets = usual + f"Origin: {first}\r\nORIGIN: {second}\r\n\r\n".encode()
        await knock(scene, f"{first} and {second}", octets)
    one_line = upgrade(scene.port, Origin=f"{PORTAL} {EVIL}")
    answer = await knock(scene, "two in one field", one_line, {ORIGIN_DENIED})
    scene.require(answer.status == 403, "two in one field")


@plays("OR-14")
async def look_alike(scene: Scene) -> None:
    """A look-alike is another host, encoded or as it is."""
    twins = ("xn--prtal-jye.example.com", "p\xf3rtal.example.com", "portaI.example.com")
    await _try_origins(scene, (f"https://{twin}" for twin in (*twins, "portal.exarnple.com")))


@plays("OR-17")
async def allow_by_wildcard(scene: Scene) -> None:
    """A policy with a wildcard is refused at load; with or without it these sites may nothing."""
    patterns = ("https://*.corp.example", "https://*", "*", "https://?.corp.example", "null", "")
    for pattern in (*patterns, "https://.corp.example", "https://(a|b).corp.example"):
        try:
            parse_policy(POLICY.replace(PORTAL, pattern))
        except PolicyError:
            continue
        scene.require(False, f"a policy that allows “{pattern}” is taken")
    hosts = ("a.corp", "a.b.corp", "corp", "evilcorp", "*.corp")
    origins = [f"https://{host}.example" for host in hosts]
    origins.append("https://a.corp.example.evil.example")
    await _try_origins(scene, origins)
    with TemporaryDirectory(prefix="signet-attack-") as folder:
        # What an agent runs with after its policy was refused.
        async with running_agent(Path(folder), policy=EMPTY_POLICY) as agent:
            for origin in (*origins, PORTAL):
                answer = await exchange(agent.port, upgrade(agent.port, Origin=origin))
                scene.require(answer.status == 403, f"{origin}, no policy: {answer.status}")


@plays("OR-19")
async def rebind_a_name(scene: Scene) -> None:
    """A name that leads here is not one of our names, however well Host and Origin agree."""
    for host in ("rebind.evil.example", HOST, "localhost.evil.example", "LOCALHOST", "127.0.0.01"):
        for origin in (f"http://{host}:{scene.port}", f"https://{host}:{scene.port}", PORTAL):
            octets = upgrade(scene.port, Host=f"{host}:{scene.port}", Origin=origin)
            await knock(scene, f"{host} from {origin}", octets, {HOST_DENIED})
    for host in (LOOPBACK, f"{LOOPBACK}:{scene.port + 1}", f"{LOOPBACK}:0{scene.port}", ""):
        await knock(scene, f"Host {host!r}", upgrade(scene.port, Host=host), {HOST_DENIED})


@plays("OR-21")
async def name_two_hosts(scene: Scene) -> None:
    """No Host, or two of them, is malformed."""
    await knock(scene, "no Host", upgrade(scene.port, Host=None))
    rest, ours = upgrade(scene.port, Host=None)[:-2], f"{LOOPBACK}:{scene.port}"
    for first, second in ((ours, "evil.example"), ("evil.example", ours), (ours, ours)):
        octets = rest + f"Host: {first}\r\nhost: {second}\r\n\r\n".encode()
        await knock(scene, f"{first} and {second}", octets)
    line = f"GET http://{ours}{SOCKET_PATH} HTTP/1.1"
    await knock(scene, "the whole address as path", upgrade(scene.port, line=line))


@plays("OR-23")
async def speak_for_another(scene: Scene) -> None:
    """What a proxy would say about the origin is nobody's word here."""
    claims = {
        "X_Forwarded_Host": HOST,
        "X_Forwarded_For": LOOPBACK,
        "X_Forwarded_Proto": "https",
        "Forwarded": f"host={HOST};proto=https",
        "X_Original_Host": HOST,
        "X_Real_IP": LOOPBACK,
        "Referer": f"{PORTAL}/",
        "Sec_WebSocket_Origin": PORTAL,
        "X_Origin": PORTAL,
    }
    for name, value in claims.items():
        await knock(scene, name, upgrade(scene.port, Origin=EVIL, **{name: value}))
    await knock(scene, "all of them", upgrade(scene.port, Origin=EVIL, **claims))
    await knock(scene, "all, and no origin", upgrade(scene.port, Origin=None, **claims))


@plays("OR-25")
async def ask_as_an_extension(scene: Scene) -> None:
    """A browser's extension is a site like any other: not listed, not heard."""
    letters, number = "abcdefghijklmnop" * 2, "6a5f2b1c-0d3e-4f5a-8b6c-7d8e9f0a1b2c"
    schemes = {"chrome-extension": letters, "moz-extension": number, "safari-web-extension": number}
    schemes |= {"ms-browser-extension": letters, "extension": letters, "chrome": "settings"}
    await _try_origins(scene, (f"{scheme}://{name}" for scheme, name in schemes.items()))


async def _try_origins(scene: Scene, origins: Iterable[str]) -> None:
    for origin in origins:
        await knock(scene, f"origin {origin!r}", upgrade(scene.port, Origin=origin))
