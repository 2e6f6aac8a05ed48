"""A thread that sleeps in the library, with libraries that do not sleep, or never wake."""

import time
from collections.abc import Iterator
from queue import Queue

import pytest

from signet_agent.channel.token_messages import SkfForm
from signet_agent.tokens import skf_watch
from signet_agent.tokens.skf_library import SkfLibrary
from signet_agent.tokens.skf_watch import SkfWatch
from tests.skf.build import SoftSkf
from tests.skf.devices import insert, pull

SOON_S = 10.0


@pytest.fixture
def heard() -> "Queue[float]":
    return Queue()


@pytest.fixture
def watch(heard: "Queue[float]") -> Iterator[SkfWatch]:
    with SkfWatch(lambda: heard.put(time.monotonic())) as made:
        yield made


@pytest.fixture
def library(skf: SoftSkf) -> SkfLibrary:
    return SkfLibrary(str(skf.path), SkfForm())


def _wait_for_calls(skf: SoftSkf, count: int) -> None:
    deadline = time.monotonic() + SOON_S
    while skf.calls("SKF_WaitForDevEvent") < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_pull_and_an_insertion_are_heard(
    watch: SkfWatch, library: SkfLibrary, skf: SoftSkf, heard: "Queue[float]"
) -> None:
    assert len(library.devices()) == 1
    watch.start(library)
    watch.start(library)

    for act in (pull, insert):
        act(skf)
        heard.get(timeout=SOON_S)

    assert heard.empty()


def test_a_watch_that_never_started_ends(watch: SkfWatch) -> None:
    watch.end()


def test_a_library_without_events_is_asked_once(
    watch: SkfWatch, library: SkfLibrary, skf: SoftSkf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skf_watch, "PAUSE_S", 0.0)
    skf.set("SKF_WaitForDevEvent code:0x0A000003")
    watch.start(library)
    assert watch._thread is not None

    watch._thread.join(SOON_S)

    assert not watch._thread.is_alive()
    assert skf.calls("SKF_WaitForDevEvent") == 1


def test_a_library_that_answers_at_once_is_asked_slowly(
    watch: SkfWatch, library: SkfLibrary, skf: SoftSkf
) -> None:
    skf.set("SKF_WaitForDevEvent code:0x0A000022")
    began = time.monotonic()
    watch.start(library)
    _wait_for_calls(skf, 3)

    assert time.monotonic() - began >= 2 * skf_watch.PAUSE_S


def test_a_library_that_cannot_cancel_does_not_keep_the_room(
    library: SkfLibrary, skf: SoftSkf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skf_watch, "END_S", 0.1)
    skf.set("SKF_CancelWaitForDevEvent code:0x0A000003")
    watch = SkfWatch(lambda: None)
    watch.start(library)
    _wait_for_calls(skf, 1)

    watch.end()

    assert watch._thread is not None
    assert watch._thread.is_alive()
    skf.set()
    watch.end()
    library.cancel_wait()
    watch._thread.join(SOON_S)
    assert not watch._thread.is_alive()
