"""One connection's life as a table of transitions; no sockets, no waiting.

Theory of operation. A page must say ``hello`` first, once. Then it may have a few calls under way
at a time, each under an id of its own. Whatever the page does, each accepted request gets exactly
one terminal answer, and nothing after the end. Everything that moves the state is in this file;
PROTOCOL.md draws the same table.
"""

from enum import Enum, auto

from signet_protocol import PROTOCOL_VERSION
from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import MAX_CALLS_IN_FLIGHT, Cancel, Hello, Request, RequestId, Upload


class State(Enum):
    """Where a conversation stands."""

    GREETING = auto()
    READY = auto()
    CLOSED = auto()


class Event(Enum):
    """What can happen to it."""

    HELLO = auto()
    CALL = auto()
    GONE = auto()


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.GREETING, Event.HELLO): State.READY,
    (State.GREETING, Event.GONE): State.CLOSED,
    (State.READY, Event.CALL): State.READY,
    (State.READY, Event.GONE): State.CLOSED,
    (State.CLOSED, Event.GONE): State.CLOSED,
}
"""Every allowed step; what is not here is ``page.hello_required``."""


class Session:
    """The state of one conversation and the ids under way in it."""

    def __init__(self, state: State = State.GREETING) -> None:
        """Start before the greeting, or (for one HTTP POST) after it."""
        self.state = state
        self._under_way: dict[RequestId, bool] = {}
        """Each id, and whether its call opens a window and so counts among the few."""

    def accept(self, request: Request) -> None:
        """Take a request in; its id is under way until ``finish``.

        Raises:
            ProtocolError: it does not fit the state; nothing changed.
        """
        greets = isinstance(request.call, Hello)
        event = Event.HELLO if greets else Event.CALL
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            raise ProtocolError(ErrorCode.PAGE_HELLO_REQUIRED, request_id=request.id)
        if isinstance(request.call, Hello) and request.call.version != PROTOCOL_VERSION:
            raise ProtocolError(ErrorCode.PAGE_VERSION_UNSUPPORTED, request_id=request.id)
        if request.id in self._under_way:
            # Answered without the id: the answer under this id belongs to the first call.
            raise ProtocolError(ErrorCode.PAGE_ID_IN_USE)
        counts = not isinstance(request.call, Hello | Cancel | Upload)
        if counts and sum(self._under_way.values()) >= MAX_CALLS_IN_FLIGHT:
            raise ProtocolError(ErrorCode.PAGE_TOO_MANY_CALLS, request_id=request.id)
        self._under_way[request.id] = counts
        self.state = following

    def is_under_way(self, request_id: RequestId | None) -> bool:
        """Whether an id belongs to a call that is still to be answered."""
        return request_id in self._under_way

    def finish(self, request_id: RequestId) -> bool:
        """Whether this call may still be answered; a second answer, or one too late, may not."""
        if self.state is State.CLOSED or request_id not in self._under_way:
            return False
        del self._under_way[request_id]
        return True

    def close(self) -> None:
        """The page is gone; nothing is answered any more."""
        self.state = TRANSITIONS[self.state, Event.GONE]
        self._under_way.clear()
