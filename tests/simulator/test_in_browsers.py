"""The page client in real browsers against the program, as a department's page would use it."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.kit.browsers import CHROMIUM, FIREFOX, visit
from tests.kit.running_agent import free_base_port
from tests.kit.source import TOP
from tests.kit.web_site import WebSite
from tests.simulator.results import NONCE

HOST = "tax.localhost"

PAGE = """<!doctype html><meta charset="utf-8"><title>tax</title>
<script type="module">
import {{ Signet }} from "/signet.js";
const said = [];
const tried = async (work) => {{
  try {{ said.push(await work()); }} catch (error) {{ said.push(error.code ?? String(error)); }}
}};
Object.defineProperty(navigator, "userActivation", {{ value: {{ hasBeenActive: true }} }});
const agent = await Signet.connect({{ ports: {{ ws: [{port}] }}, schemes: ["ws"] }});
await tried(async () => (await agent.login("{nonce}")).token.format);
await tried(async () => (await agent.login("{nonce}")).token.format);
await tried(async () => (await agent.sign("同意", {{ mediaType: "text/plain" }})).format);
await tried(async () => (await agent.sign("同意", {{ mediaType: "text/plain" }})).format);
const report = new Image();
report.src = "/report?name=said&outcome=" + encodeURIComponent(JSON.stringify(said));
</script>"""

SCRIPT = """
[[call]]
answer = "wrong-pin"
[[call]]
answer = "allow"
times = 2
[[call]]
answer = "vanish"
"""


@pytest.mark.parametrize("browser", [CHROMIUM, FIREFOX])
async def test_a_page_in_a_browser_meets_what_the_script_says(tmp_path: Path, browser: str) -> None:
    (tmp_path / "script.toml").write_text(SCRIPT)
    async with WebSite.running(tmp_path, [HOST]) as site:
        words = ("--origin", site.origin(HOST), "--port", str(free_base_port()), "--json")
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "signet_simulator", *words),
            *("--script", str(tmp_path / "script.toml")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert program.stdout is not None
            ready = json.loads(await program.stdout.readline())
            port = ready["address"].removesuffix("/v1").rsplit(":", 1)[1]
            client = TOP / "protocol" / "js"
            site.pages |= {f"/{file.name}": file.read_text() for file in client.glob("*.js")}
            site.pages["/page"] = PAGE.format(port=port, nonce=NONCE)
            async with asyncio.timeout(60):
                address = f"{site.origin(HOST)}/page"
                async with visit(browser, tmp_path / "home", site.root, address):
                    said = json.loads(await site.report("said"))
        finally:
            program.terminate()
            await program.wait()

    wanted = ["user.pin_incorrect", "web-eid:1.0", "cades-b", "client.connection_lost"]
    assert said == wanted
