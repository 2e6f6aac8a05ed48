"""The pages of the browser table: each connects in its own circumstances and reports."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from tests.kit.page_client import classic_script
from tests.kit.source import TOP
from tests.kit.web_site import WebSite

DEPARTMENT, FRAMED, STRANGER = "dept.example.test", "frame.example.test", "stranger.example.test"

FORBIDDING = "connect-src 'self'"

DOCUMENTED = "connect-src 'self' ws://127.0.0.1:*"
"""The line that docs/page-developer.md gives."""

# Nobody is there to click. That a page without a click connects nowhere is a row of its own.
_CLICKED = 'Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: true } });'

_TELL = """
function tell(outcome) {
  const report = %s + "&outcome=" + encodeURIComponent(outcome);
  const image = new Image();
  image.onload = image.onerror = () => { if (%s) location.href = %s; };
  image.src = report;
}
"""

# Where the client waits for an answer that nobody gives, three seconds are as good as thirty.
_CONNECT = """
const usual = { schemes: ["ws"], allowFramed: true, permissionWaitMs: 3000 };
Signet.connect({ ...usual, ports: { ws: [%d] } }).then(
  () => tell("connected"),
  (error) => tell(error.code ?? String(error)),
);
"""

_IMPORT = 'import { Signet } from "/js/signet.js";'


@dataclass(frozen=True)
class Pages:
    """Puts pages on a site for one visit of one browser.

    Attributes:
        visit: what sets the reports of this visit apart.
        site: where the pages lie.
        agent_port: where the agent listens.
        closed_port: where nobody does.
    """

    visit: str
    site: WebSite
    agent_port: int
    closed_port: int

    def put_scripts(self) -> None:
        """Serve the page's client."""
        for path in (TOP / "protocol" / "js").glob("*.js"):
            self.site.pages[f"/js/{path.name}"] = path.read_text("utf-8")

    def address(self, name: str, host: str = DEPARTMENT) -> str:
        """Return where a page lies."""
        return f"{self.site.origin(host)}/{self.visit}/{name}"

    def put(
        self,
        name: str,
        *,
        port: int | None = None,
        policy: str = "",
        clicked: bool = True,
        then: str = "",
    ) -> None:
        """Put a page there that imports the client, connects, reports, and goes on to ``then``."""
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
        script = [
            _IMPORT,
            _CLICKED if clicked else "",
            self._tell(name, then),
            _CONNECT % (port or self.agent_port),
        ]
        self._place(name, f'{meta}<script type="module">{"".join(script)}</script>')

    def put_alone(self, name: str) -> None:
        """Put a page there that brings the client with it, for where nothing can be imported."""
        script = [
            classic_script(),
            "const { Signet } = signet;",
            _CLICKED,
            self._tell(name),
            _CONNECT % self.agent_port,
        ]
        self._place(name, f"<script>{''.join(script)}</script>")

    def put_worker(self, name: str) -> None:
        """Put a service worker there, and a page that registers it."""
        connect = _CONNECT % self.agent_port
        tell = f'const tell = (outcome) => fetch({self._report(name)} + "&outcome=" + outcome);'
        worker = f"{classic_script()};const {{ Signet }} = signet;{tell}{connect}"
        self.site.pages[f"/{self.visit}/worker.js"] = worker
        register = f'navigator.serviceWorker.register("/{self.visit}/worker.js");'
        self._place(name, f"<script>{register}</script>")

    def put_frames(self, name: str, frames: dict[str, str]) -> None:
        """Put a page there with frames: their names, and the attributes of each."""
        body = "".join(f"<iframe {attributes}></iframe>" for attributes in frames.values())
        self._place(name, body)

    async def outcome(self, name: str) -> str:
        """Wait for what a page reported."""
        return await self.site.report(f"{self.visit} {name}")

    def _place(self, name: str, body: str) -> None:
        self.site.pages[f"/{self.visit}/{name}"] = f"<!doctype html>{body}"

    def _tell(self, name: str, then: str = "") -> str:
        return _TELL % (self._report(name), json.dumps(bool(then)), json.dumps(then))

    def _report(self, name: str) -> str:
        address = f"{self.site.origin(DEPARTMENT)}/report?name={quote(f'{self.visit} {name}')}"
        return json.dumps(address)
