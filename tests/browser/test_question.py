"""The picture of the browser's question, drawn by the browsers themselves."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.browsers import CHROMIUM, FIREFOX, Setup, visit
from tests.kit.source import TOP
from tests.kit.web_site import WebSite

HOST = "yewu.a-department-with-a-long-name.example.test"
REPORT_S = 60.0

POLICY = "default-src 'none'; script-src 'self' 'unsafe-inline'; img-src 'self'"
"""Nothing may be styled inline: the picture must stand without."""

PAGE = """<!doctype html>
<meta http-equiv="Content-Security-Policy" content="%s">
<script type="module">
import { questionPicture, unblockSteps, willAsk } from "/js/question.js";
const seen = { asks: await willAsk(), steps: unblockSteps().length, pictures: [] };
for (const language of ["zh-Hans", "en"]) {
  const figure = questionPicture({ language });
  document.body.append(figure);
  const rights = [...figure.querySelectorAll("text")].map((text) => {
    const { x, width } = text.getBBox();
    return [text.textContent, x + width];
  });
  const label = figure.querySelector("svg").getAttribute("aria-label");
  seen.pictures.push({ lang: figure.lang, label, caption: figure.textContent, rights });
}
new Image().src = "/report?name=seen&outcome=" + encodeURIComponent(JSON.stringify(seen));
</script>
<body></body>"""


async def _see(program: str, folder: Path) -> dict[str, Any]:
    async with WebSite.running(folder, (HOST,)) as site:
        site.pages["/"] = PAGE % POLICY
        for script in (TOP / "protocol" / "js").glob("*.js"):
            site.pages[f"/js/{script.name}"] = script.read_text("utf-8")
        place = f"127.0.0.1:{site.port}"
        words = (
            "--host-resolver-rules=MAP *.example.test 127.0.0.1",
            f"--ip-address-space-overrides={place}=public",
        )
        names = f'user_pref("network.dns.localDomains", "{HOST}");'
        address = f"{site.origin(HOST)}/"
        async with visit(program, folder / "home", site.root, address, Setup(words, names)):
            async with asyncio.timeout(REPORT_S):
                return dict(json.loads(await site.report("seen")))


@pytest.mark.parametrize(("program", "asks"), [(CHROMIUM, True), (FIREFOX, False)])
async def test_the_picture_says_what_the_browser_will_ask(
    program: str, asks: bool, tmp_path: Path
) -> None:
    seen = await _see(program, tmp_path)
    assert seen["asks"] is asks
    assert seen["steps"] == 3
    assert [each["lang"] for each in seen["pictures"]] == ["zh-Hans", "en"]
    for picture, allow in zip(seen["pictures"], ("允许", "Allow"), strict=True):
        assert "example.test:" in picture["caption"]
        assert allow in picture["label"]
        assert allow in [text for text, _ in picture["rights"]]
        # Even a long name stays inside the frame that is drawn round it.
        assert all(right <= 388 for _, right in picture["rights"]), picture["rights"]
