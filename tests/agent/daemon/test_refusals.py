"""Refused sites are counted, bounded, and told to the log together, not one by one."""

import json

import pytest

from signet_agent.daemon import refusals
from signet_agent.daemon.audit import AuditLog
from signet_agent.daemon.refusals import MAX_ORIGINS, OTHERS, Refusals
from tests.kit.file_layer import FileLayer
from tests.kit.running_agent import until

pytestmark = pytest.mark.quick


def make() -> tuple[Refusals, FileLayer]:
    layer = FileLayer()
    clock = iter(range(1, 10_000))
    return Refusals(AuditLog(layer, lambda _: None), lambda: float(next(clock))), layer


async def test_the_latest_site_comes_first_with_its_count() -> None:
    counted, _ = make()
    for origin in ("https://a.example", "https://b.example", "https://a.example"):
        counted.note(origin)
    assert [(s.origin, s.count) for s in counted.sites()] == [
        ("https://a.example", 2),
        ("https://b.example", 1),
    ]
    await counted.flush()


async def test_what_is_no_origin_is_not_kept_by_name() -> None:
    counted, layer = make()
    for origin in ("null", "", "http://a.example", "https://x\nhttps://y"):
        counted.note(origin)
    await counted.flush()
    assert json.loads(layer.records[0].body)["refused"] == {OTHERS: 4}


async def test_a_flood_of_names_is_counted_together() -> None:
    counted, layer = make()
    for number in range(MAX_ORIGINS + 10):
        counted.note(f"https://site-{number}.example")
    await counted.flush()
    refused = json.loads(layer.records[0].body)["refused"]
    assert len(refused) == MAX_ORIGINS + 1
    assert refused[OTHERS] == 10


async def test_nothing_new_writes_nothing() -> None:
    counted, layer = make()
    await counted.flush()
    counted.note("null")
    await counted.flush()
    await counted.flush()
    assert len(layer.records) == 1


async def test_a_full_disk_keeps_the_counts_for_later() -> None:
    counted, layer = make()
    layer.fails = lambda _: True
    counted.note("null")
    await counted.flush()
    layer.fails = lambda _: False
    counted.note("null")
    await counted.flush()
    assert json.loads(layer.records[0].body)["refused"] == {OTHERS: 2}


async def test_the_log_is_told_after_a_while_without_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refusals, "FLUSH_S", 0.01)
    counted, layer = make()
    counted.note("https://a.example")
    await until(lambda: len(layer.records) == 1)
