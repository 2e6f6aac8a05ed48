"""The one table from what comes over the wire to the classes that the cases name."""

OK = "OK"
"""It went through: a 101, or a result."""

SILENCE = "E_SILENCE"
"""Nothing came back in time; no case expects that."""

UNKNOWN = "E_UNKNOWN"
"""An answer that the contract does not list; no case expects that."""

INTERNAL = "E_INTERNAL"
"""The agent failed by its own word: always a failed case."""

HANDSHAKE = "E_HANDSHAKE"
ORIGIN_DENIED = "E_ORIGIN_DENIED"
HOST_DENIED = "E_HOST_DENIED"
BAD_REQUEST = "E_BAD_REQUEST"
UNSUPPORTED = "E_UNSUPPORTED"
TOO_LARGE = "E_TOO_LARGE"
PROTOCOL = "E_PROTOCOL"

_STATUSES = {
    101: OK,
    200: OK,
    204: OK,
    403: ORIGIN_DENIED,
    421: HOST_DENIED,
    **dict.fromkeys((400, 404, 405, 408, 413, 415, 426, 431, 505), HANDSHAKE),
}

_CLOSE_CODES = {1002: PROTOCOL, 1003: PROTOCOL, 1007: PROTOCOL, 1009: TOO_LARGE}

_CODES = {
    "page.unknown_method": UNSUPPORTED,
    "page.format_unsupported": UNSUPPORTED,
    "page.too_large": TOO_LARGE,
    "page.document_unsuitable": "E_DOC_UNSUPPORTED",
    "user.refused": "E_USER_DENIED",
    "user.timeout": "E_PROMPT_TIMEOUT",
    "user.pin_incorrect": "E_PIN_INCORRECT",
    "token.absent": "E_TOKEN_REMOVED",
    "token.removed": "E_TOKEN_REMOVED",
    "token.pin_locked": "E_PIN_LOCKED",
    "token.busy": "E_BUSY",
    "token.timeout": "E_TOKEN_TIMEOUT",
    "token.fault": "E_TOKEN_FAULT",
    "agent.busy": "E_BUSY",
    "page.asked_too_often": "E_BUSY",
    "agent.paused": "E_BUSY",
    "agent.audit_unavailable": "E_AUDIT_UNAVAILABLE",
    "agent.window_unavailable": "E_SESSION_UNAVAILABLE",
    "agent.fault": INTERNAL,
    "client.click_required": "E_POLICY_DENIED",
    "client.framed": "E_POLICY_DENIED",
}

_FAMILIES = {
    "page": BAD_REQUEST,
    "policy": "E_POLICY_DENIED",
    "token": "E_CERT_INVALID",
}
"""By the first part of a code, for those that the table above does not name."""


def class_of_status(status: int | None) -> str:
    """Return the class of an HTTP answer; hanging up without one is a refusal of the handshake."""
    return HANDSHAKE if status is None else _STATUSES.get(status, UNKNOWN)


def class_of_close(code: int) -> str:
    """Return the class of a WebSocket close."""
    return _CLOSE_CODES.get(code, UNKNOWN)


def class_of_code(code: str) -> str:
    """Return the class of an error's dotted code, the agent's or the page client's."""
    return _CODES.get(code) or _FAMILIES.get(code.partition(".")[0], UNKNOWN)
