"""Uploaded documents: hashed as they come, signed once, resumed, and forgotten in time."""

import hashlib
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from signet_protocol.errors import ErrorCode
from signet_protocol.messages import MAX_PIECE_BYTES, Piece, Upload
from signet_simulator.errors import CallEndedError
from signet_simulator.people import Crowd
from signet_simulator.scripts import Order
from signet_simulator.uploads import (
    KEPT_WITHOUT_CONNECTION_S,
    KEPT_WITHOUT_USE_S,
    MAX_UPLOADS_OF_A_SITE,
    Uploads,
)
from tests.kit.running_agent import Page, code_of
from tests.kit.running_simulator import OTHER_SITE, SITE, scene
from tests.protocol.vectors import validator
from tests.simulator.results import octets, verifier_in

pytestmark = pytest.mark.quick

FILE = bytes(range(256)) * 2500


async def _announce(page: Page, size: int = len(FILE), **params: object) -> dict[str, Any]:
    answer = await page.call("upload", size=size, **params)
    assert "result" in answer, answer
    validator("reply", "upload").validate(answer["result"])
    result: dict[str, Any] = answer["result"]
    return result


async def _send(page: Page, upload: str, start: int, end: int) -> None:
    for offset in range(start, end, MAX_PIECE_BYTES):
        piece = FILE[offset : min(offset + MAX_PIECE_BYTES, end)]
        head = bytes.fromhex(upload) + offset.to_bytes(8, "big")
        await page.socket.send_bytes(head + piece)


async def _acknowledged(page: Page, total: int) -> list[int]:
    """Return every acknowledgement up to the whole."""
    counts = [0]
    while counts[-1] < total:
        message = json.loads(await page.socket.receive_str(timeout=20))
        assert message["method"] == "received"
        validator("reply").validate(message)
        counts.append(message["params"]["octets"])
    return counts[1:]


async def test_a_file_is_acknowledged_every_quarter_of_a_mebibyte_and_signed(
    crowd: Crowd, tmp_path: Path
) -> None:
    async with scene(crowd) as shown:
        page = shown.page
        upload = (await _announce(page))["upload"]
        await _send(page, upload, 0, len(FILE))
        counts = await _acknowledged(page, len(FILE))
        answer = await page.call("sign_file", upload=upload, name="施工图.zip")
        again = await page.call("sign_file", upload=upload, name="施工图.zip")

    assert counts == [262_144, 524_288, len(FILE)]
    assert answer["result"]["digest"] == hashlib.sha256(FILE).hexdigest()
    report = verifier_in(tmp_path, crowd).signature(octets(answer, "signature"), content=FILE)
    assert report.accepted
    assert code_of(again) == "page.upload_unknown"


async def test_an_upload_goes_on_over_another_connection_of_the_same_site(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        upload = (await _announce(shown.page))["upload"]
        await _send(shown.page, upload, 0, MAX_PIECE_BYTES)
        early = await shown.page.call("sign_file", upload=upload, name="x")
        await shown.page.close()
        stranger = await shown.simulator.connect(OTHER_SITE)
        strange = await stranger.call("upload", size=len(FILE), resume=upload)
        page = await shown.simulator.connect()
        other_size = await page.call("upload", size=1, resume=upload)
        found = await _announce(page, resume=upload)
        await _send(page, upload, found["received"], len(FILE))
        await _acknowledged(page, len(FILE))
        answer = await page.call("sign_file", upload=upload, name="x")

    assert code_of(early) == "page.upload_incomplete"
    assert code_of(strange) == "page.upload_unknown"
    assert code_of(other_size) == "page.upload_unknown"
    assert found["received"] == MAX_PIECE_BYTES
    assert answer["result"]["digest"] == hashlib.sha256(FILE).hexdigest()


async def test_a_piece_for_the_upload_of_another_connection_closes_ours(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        upload = (await _announce(shown.page))["upload"]
        other = await shown.simulator.connect()
        await _send(other, upload, 0, 1)
        message = await other.socket.receive(timeout=20)

    assert message.type is aiohttp.WSMsgType.CLOSE
    assert other.socket.close_code == aiohttp.WSCloseCode.UNSUPPORTED_DATA


async def test_an_upload_is_refused_by_an_order_that_names_it(crowd: Crowd) -> None:
    orders = (Order("refuse"), Order("agent.storage_full", method="upload"))
    async with scene(crowd, *orders) as shown:
        full = await shown.page.call("upload", size=1)
        free = await shown.page.call("upload", size=1)

    assert (code_of(full), code_of(free)) == ("agent.storage_full", "ok")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"name": "a\u202egnp.exe"}, "page.invalid_params"),
        ({"name": "x", "media_type": "application/pdf"}, "page.format_unsupported"),
        ({"name": "x", "format": "plain"}, "page.format_unsupported"),
        ({"name": "x"}, "page.upload_unknown"),
    ],
)
async def test_a_file_that_cannot_be_signed(
    crowd: Crowd, params: dict[str, str], code: str
) -> None:
    async with scene(crowd) as shown:
        answer = await shown.page.call("sign_file", upload="0" * 32, **params)

    assert code_of(answer) == code


def _refusal(uploads: Uploads, call: Upload) -> ErrorCode | None:
    try:
        uploads.begin(SITE, object(), call)
    except CallEndedError as error:
        return error.code
    return None


def test_a_site_has_four_uploads() -> None:
    uploads = Uploads()
    codes = [_refusal(uploads, Upload(1)) for _ in range(MAX_UPLOADS_OF_A_SITE + 1)]

    assert codes == [None, None, None, None, ErrorCode.AGENT_STORAGE_FULL]
    uploads.begin(OTHER_SITE, object(), Upload(1))


@pytest.mark.parametrize(
    ("leaves", "kept"), [(True, KEPT_WITHOUT_CONNECTION_S), (False, KEPT_WITHOUT_USE_S)]
)
def test_an_upload_is_forgotten_in_time(*, leaves: bool, kept: float) -> None:
    now = 0.0
    owner = object()
    uploads = Uploads(clock=lambda: now)
    upload = uploads.begin(SITE, owner, Upload(2)).id
    if leaves:
        uploads.leave(owner)

    now = kept
    uploads.of(SITE, upload)
    now = kept + 1

    assert _refusal(uploads, Upload(2, upload)) is ErrorCode.PAGE_UPLOAD_UNKNOWN


def test_only_the_next_piece_is_taken() -> None:
    uploads, owner = Uploads(), object()
    upload = uploads.begin(SITE, owner, Upload(4)).id

    assert uploads.receive(owner, Piece(upload, 1, b"b")) is None
    assert uploads.receive(owner, Piece(upload, 0, b"abcde")) is None
    assert uploads.receive(owner, Piece("0" * 32, 0, b"a")) is None
    taken = uploads.receive(owner, Piece(upload, 0, b"ab"))
    assert taken is not None
    assert taken.received == 2
