"""The page's client in real browsers against the real agent: a list, a file, one code for both."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.browsers import CHROMIUM, FIREFOX, visit
from tests.kit.running_agent import POLICY, PORTAL, running_agent
from tests.kit.source import TOP
from tests.kit.web_site import WebSite

HOST = "dept.localhost"
REPORT_S = 90.0
FILE_OCTETS = 3_000_001
"""Three windows of an upload, and an octet."""

OPERATIONS = '["login", "choose", "sign", "sign_batch", "sign_file"]'

PAGE = """<!doctype html><script type="module">
import { Signet, comparisonCode } from "/js/signet.js";
// Nobody is there to click.
Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: true } });
const report = (outcome) =>
  (new Image().src = "/report?name=seen&outcome=" + encodeURIComponent(JSON.stringify(outcome)));
try {
  const agent = await Signet.connect({ ports: { ws: [%d] }, schemes: ["ws"] });
  const form = '{"form":"gs1/1","tax_due":"48627.65"}';
  const mediaType = "application/json";
  const batch = await agent.signBatch([
    { document: form, mediaType, name: "2026 年 9 月" },
    { document: "说明", mediaType: "text/plain", name: "说明" },
  ]);
  const octets = new Uint8Array(%d).map((_, at) => at %% 251);
  const codes = [await comparisonCode(octets)];
  const heard = [];
  const file = await agent.signFile(new File([octets], "施工图.zip"), {
    onUpload: (received) => heard.push(received),
    onCode: (code) => codes.push(code),
  });
  report({ batch: batch.items.length, digest: file.digest, codes, last: heard.at(-1) });
} catch (error) {
  report({ error: error.code ?? String(error) });
}
</script>"""


async def _see(program: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    async with WebSite.running(folder, (HOST,)) as site:
        policy = POLICY.replace(PORTAL, site.origin(HOST))
        policy = policy.replace('["login", "choose", "sign"]', OPERATIONS)
        async with running_agent(folder, policy=policy) as running:
            for script in (TOP / "protocol" / "js").glob("*.js"):
                site.pages[f"/js/{script.name}"] = script.read_text("utf-8")
            site.pages["/"] = PAGE % (running.port, FILE_OCTETS)
            async with visit(program, folder / "home", site.root, f"{site.origin(HOST)}/"):
                async with asyncio.timeout(REPORT_S):
                    seen = dict(json.loads(await site.report("seen")))
            return seen, [item.code for record in running.prompt.records for item in record.items]


@pytest.mark.parametrize("program", [CHROMIUM, FIREFOX])
async def test_a_list_and_a_file_are_signed_and_page_and_window_show_one_code(
    program: str, tmp_path: Path
) -> None:
    seen, codes = await _see(program, tmp_path)
    assert "error" not in seen, seen
    assert seen["batch"] == 2
    assert seen["last"] == FILE_OCTETS
    first, second = seen["codes"]
    assert first == second == codes[-1]
