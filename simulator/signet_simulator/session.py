"""Where one conversation stands, after the table of PROTOCOL.md, section 3."""

from enum import Enum, auto

from signet_protocol import PROTOCOL_VERSION
from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import (
    MAX_CALLS_IN_FLIGHT,
    Cancel,
    Hello,
    Request,
    RequestId,
    Upload,
)

_UNCOUNTED = (Hello, Cancel, Upload)
"""They open no window and do not count among the eight."""


class State(Enum):
    """The three states of the table."""

    GREETING = auto()
    READY = auto()
    CLOSED = auto()


class Session:
    """The state, and the ids under way; ``1`` and ``"1"`` are two."""

    def __init__(self) -> None:
        """Begin before the greeting."""
        self.state = State.GREETING
        self._counted: dict[RequestId, bool] = {}

    def accept(self, request: Request) -> None:
        """Take a request in; its id is under way until ``finish``.

        Raises:
            ProtocolError: it does not fit; nothing changed.
        """
        call = request.call
        if isinstance(call, Hello) is not (self.state is State.GREETING):
            raise ProtocolError(ErrorCode.PAGE_HELLO_REQUIRED, request_id=request.id)
        if isinstance(call, Hello) and call.version != PROTOCOL_VERSION:
            raise ProtocolError(ErrorCode.PAGE_VERSION_UNSUPPORTED, request_id=request.id)
        if request.id in self._counted:
            # Without the id: the answer under it belongs to the first call.
            raise ProtocolError(ErrorCode.PAGE_ID_IN_USE)
        counts = not isinstance(call, _UNCOUNTED)
        if counts and sum(self._counted.values()) >= MAX_CALLS_IN_FLIGHT:
            raise ProtocolError(ErrorCode.PAGE_TOO_MANY_CALLS, request_id=request.id)
        self._counted[request.id] = counts
        self.state = State.READY

    def is_under_way(self, request_id: RequestId | None) -> bool:
        """Whether an id belongs to a call that is still to be answered."""
        return request_id in self._counted

    def finish(self, request_id: RequestId) -> bool:
        """Whether this call may still be answered; a second answer, or one too late, may not."""
        return self._counted.pop(request_id, None) is not None

    def close(self) -> None:
        """The page is gone."""
        self.state = State.CLOSED
        self._counted.clear()
