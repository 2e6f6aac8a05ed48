"""One connection's life: hello first, once; ids are answered once; nothing after the end."""

import pytest

from signet_agent.daemon.session import TRANSITIONS, Event, Session, State
from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import MAX_CALLS_IN_FLIGHT, Cancel, Choose, Hello, Request, Upload

pytestmark = pytest.mark.quick


def greeted() -> Session:
    session = Session()
    session.accept(Request(0, Hello(1)))
    session.finish(0)
    return session


def refused(session: Session, request: Request) -> ErrorCode:
    with pytest.raises(ProtocolError) as caught:
        session.accept(request)
    return caught.value.code


def test_the_first_call_must_be_hello() -> None:
    assert refused(Session(), Request(1, Choose())) is ErrorCode.PAGE_HELLO_REQUIRED


def test_hello_comes_once() -> None:
    assert refused(greeted(), Request(1, Hello(1))) is ErrorCode.PAGE_HELLO_REQUIRED


def test_another_version_is_refused_and_may_be_tried_again() -> None:
    session = Session()
    assert refused(session, Request(1, Hello(2))) is ErrorCode.PAGE_VERSION_UNSUPPORTED
    session.accept(Request(2, Hello(1)))
    assert session.state is State.READY


def test_an_id_under_way_is_not_taken_twice_and_the_refusal_names_no_id() -> None:
    session = greeted()
    session.accept(Request("a", Choose()))
    with pytest.raises(ProtocolError) as caught:
        session.accept(Request("a", Choose()))
    assert caught.value.code is ErrorCode.PAGE_ID_IN_USE
    assert caught.value.request_id is None


def test_a_number_and_a_text_are_different_ids() -> None:
    session = greeted()
    session.accept(Request(1, Choose()))
    session.accept(Request("1", Choose()))
    assert session.finish(1)
    assert session.finish("1")


def test_each_call_is_answered_once() -> None:
    session = greeted()
    session.accept(Request(1, Choose()))
    assert session.finish(1)
    assert not session.finish(1)


def test_more_calls_than_the_contract_allows_are_refused() -> None:
    session = greeted()
    for number in range(MAX_CALLS_IN_FLIGHT):
        session.accept(Request(number, Choose()))
    assert refused(session, Request(99, Choose())) is ErrorCode.PAGE_TOO_MANY_CALLS


def test_nothing_is_answered_after_the_page_is_gone() -> None:
    session = greeted()
    session.accept(Request(1, Choose()))
    session.close()
    session.close()
    assert not session.finish(1)
    assert refused(session, Request(2, Choose())) is ErrorCode.PAGE_HELLO_REQUIRED


def test_every_state_knows_how_to_end() -> None:
    assert {state for state, event in TRANSITIONS if event is Event.GONE} == set(State)


def test_a_cancel_is_heard_although_all_calls_are_under_way() -> None:
    session = greeted()
    for number in range(MAX_CALLS_IN_FLIGHT):
        session.accept(Request(number, Choose()))
    session.accept(Request("stop", Cancel(0)))
    assert session.finish("stop")


def test_an_upload_that_is_under_way_does_not_count_among_the_calls() -> None:
    session = greeted()
    session.accept(Request("u", Upload(1)))
    for number in range(MAX_CALLS_IN_FLIGHT):
        session.accept(Request(number, Choose()))
    assert refused(session, Request(99, Choose())) is ErrorCode.PAGE_TOO_MANY_CALLS
    session.accept(Request("v", Upload(1)))
    assert refused(session, Request("u", Upload(1))) is ErrorCode.PAGE_ID_IN_USE
