"""What only a real browser can do: OR-26 and OR-30, each in Chromium and in Firefox."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from tests.attacks.case import PORTAL
from tests.attacks.classes import OK, ORIGIN_DENIED, UNKNOWN, class_of_code
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.stage import Stage
from tests.kit.browsers import CHROMIUM, FIREFOX, visit
from tests.kit.running_agent import POLICY
from tests.kit.source import TOP
from tests.kit.web_site import WebSite

ALLOWED, HOSTILE = "portal.localhost", "evil.localhost"

CONTROL = "the allowed page"
"""Is heard; without it the others' silence would prove nothing."""

OPAQUE = (
    "a sandboxed frame",
    "srcdoc of a hostile page",
    "a data: frame",
    "a sandboxed srcdoc",
    "a file: page",
)

REPORT_S = 60.0
"""Two browsers start beside each other, perhaps on a busy machine."""

SCRIPTS = TOP / "protocol" / "js"

_TELL = """
let told = false;
function tell(outcome) {
  if (told) return;
  told = true;
  new Image().src = %s + "&outcome=" + encodeURIComponent(outcome);
}
"""

_ATTEMPT = """
try {
  const socket = new WebSocket(%s);
  socket.onopen = () => tell("opened");
  socket.onclose = () => tell("refused");
} catch { tell("not tried"); }
"""

# Nobody is there to click; what is at stake is the frame.
_CONNECT = """
import { Signet } from "/js/signet.js";
Object.defineProperty(navigator, "userActivation", { value: undefined });
Signet.connect({ ports: { ws: [%d] }, schemes: ["ws"], allowFramed: %s }).then(
  () => tell("connected"),
  (error) => tell(error.code),
);
"""


@asynccontextmanager
async def with_site(folder: Path) -> AsyncIterator[Stage]:
    """Run a web site under two names; the policy allows one of them."""
    async with WebSite.running(folder, (ALLOWED, HOSTILE)) as site:
        origin = site.origin(ALLOWED)
        yield Stage(origin, POLICY.replace(PORTAL, origin), site)


@dataclass(frozen=True)
class Writer:
    """Writes the pages that one browser will visit."""

    browser: str
    site: WebSite
    agent_port: int

    def path(self, name: str) -> str:
        """Return where a page of this browser lies."""
        return f"/{self.browser}/{name}"

    def tell(self, name: str) -> str:
        """Return the script by which a page reports."""
        report = self.site.origin(ALLOWED) + "/report?name=" + quote(f"{self.browser} {name}")
        return _TELL % json.dumps(report)

    def attempt(self, name: str) -> str:
        """Return a page that opens the agent's socket and reports what came of it."""
        address = json.dumps(f"ws://127.0.0.1:{self.agent_port}/v1")
        return f"<!doctype html><script>{self.tell(name)}{_ATTEMPT % address}</script>"

    def connect(self, name: str, *, allow_framed: bool = False) -> str:
        """Return a page that uses the page's client."""
        script = _CONNECT % (self.agent_port, json.dumps(allow_framed))
        return f'<!doctype html><script type="module">{self.tell(name)}{script}</script>'


@plays("OR-26", with_site)
async def open_from_opaque_contexts(scene: Scene) -> None:
    """Contexts without the allowed origin are refused by the agent; the allowed page is not."""
    await asyncio.gather(*(_opaque(scene, each) for each in _writers(scene)))


@plays("OR-30", with_site)
async def frame_the_allowed_page(scene: Scene) -> None:
    """The page's client does not work inside a frame unless the page says that it may."""
    for path in SCRIPTS.glob("*.js"):
        _site(scene).pages[f"/js/{path.name}"] = path.read_text("utf-8")
    await asyncio.gather(*(_framed(scene, each) for each in _writers(scene)))


async def _opaque(scene: Scene, writer: Writer) -> None:
    """Visit a file: page that frames everything else; only the allowed page may be heard."""
    with TemporaryDirectory(prefix="signet-page-") as folder:
        page = Path(folder) / "page.html"
        _write_text(page, writer.attempt("a file: page") + _frames(*_opaque_frames(writer)))
        reports = await _visit(writer, page.as_uri(), (CONTROL, *OPAQUE))
    for name, outcome in reports.items():
        found = {"opened": OK, "refused": ORIGIN_DENIED}.get(outcome, UNKNOWN)
        wanted = {OK} if name == CONTROL else {ORIGIN_DENIED}
        scene.judge(f"{writer.browser}, {name}", found, outcome, wanted)
    # The agent's own count shows later that it was the agent who refused, and not the browser.
    scene.origin_refusals += len(OPAQUE)


def _opaque_frames(writer: Writer) -> tuple[Mapping[str, str], ...]:
    """Write the pages of OR-26; return the frames that show them."""
    site, attempt = writer.site, writer.attempt
    site.pages |= {
        writer.path("allowed"): attempt(CONTROL),
        writer.path("sandboxed"): attempt("a sandboxed frame"),
        writer.path("hostile"): _frames({"srcdoc": attempt("srcdoc of a hostile page")}),
        writer.path("inside"): _frames(
            {"src": "data:text/html," + quote(attempt("a data: frame"))},
            {"srcdoc": attempt("a sandboxed srcdoc"), "sandbox": "allow-scripts"},
        ),
    }
    ours, theirs = site.origin(ALLOWED), site.origin(HOSTILE)
    return (
        {"src": ours + writer.path("allowed")},
        {"src": ours + writer.path("sandboxed"), "sandbox": "allow-scripts"},
        {"src": ours + writer.path("inside")},
        {"src": theirs + writer.path("hostile")},
    )


def _write_text(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


async def _framed(scene: Scene, writer: Writer) -> None:
    site = writer.site
    ours = site.origin(ALLOWED)
    site.pages[writer.path("alone")] = writer.connect("alone")
    site.pages[writer.path("framed")] = writer.connect("framed")
    site.pages[writer.path("permitted")] = writer.connect("permitted", allow_framed=True)
    loopback = {"allow": "loopback-network; local-network-access"}
    site.pages[writer.path("framing")] = _frames(
        {"src": ours + writer.path("framed"), **loopback},
        {"src": ours + writer.path("permitted"), **loopback},
    )
    hostile = site.origin(HOSTILE) + writer.path("framing")
    reports = await _visit(writer, hostile, ("framed", "permitted"))
    reports |= await _visit(writer, ours + writer.path("alone"), ("alone",))
    for name, outcome in reports.items():
        found = OK if outcome == "connected" else class_of_code(outcome)
        wanted = () if name == "framed" else {OK}
        scene.judge(f"{writer.browser}, {name}", found, outcome, wanted)


async def _visit(writer: Writer, address: str, names: Iterable[str]) -> dict[str, str]:
    """Have the browser visit a page; return what was reported under each name."""
    reports = {}
    with TemporaryDirectory(prefix="signet-browser-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        async with visit(writer.browser, home, writer.site.root, address):
            for name in names:
                async with asyncio.timeout(REPORT_S):
                    reports[name] = await writer.site.report(f"{writer.browser} {name}")
    return reports


def _frames(*frames: Mapping[str, str]) -> str:
    """Return a page's frames by their attributes."""
    written = (
        " ".join(f'{name}="{escape(value)}"' for name, value in frame.items()) for frame in frames
    )
    return "<!doctype html>" + "".join(f"<iframe {each}></iframe>" for each in written)


def _writers(scene: Scene) -> list[Writer]:
    return [Writer(browser, _site(scene), scene.port) for browser in (CHROMIUM, FIREFOX)]


def _site(scene: Scene) -> WebSite:
    assert scene.stage.site is not None
    return scene.stage.site
