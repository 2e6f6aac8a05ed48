"""Every error a page can meet, and whose it is to cure.

The list stands once more in ``protocol/schema/errors.json`` for readers in other languages; a
test holds the two together. JSON-RPC wants a number as well: the four of its specification
(section 5.1) where they fit, and one number for everything else.
"""

from enum import StrEnum

JSONRPC_PARSE_ERROR = -32700
JSONRPC_INVALID_REQUEST = -32600
JSONRPC_METHOD_NOT_FOUND = -32601
JSONRPC_INVALID_PARAMS = -32602
JSONRPC_REFUSED = -32000
"""JSON-RPC leaves -32000 to -32099 to the server; the dotted code says the rest."""


class ErrorCode(StrEnum):
    """A dotted code: its first part names who can cure it."""

    PAGE_MALFORMED = "page.malformed"
    PAGE_INVALID_REQUEST = "page.invalid_request"
    PAGE_UNKNOWN_METHOD = "page.unknown_method"
    PAGE_INVALID_PARAMS = "page.invalid_params"
    PAGE_TOO_LARGE = "page.too_large"
    PAGE_HELLO_REQUIRED = "page.hello_required"
    PAGE_VERSION_UNSUPPORTED = "page.version_unsupported"
    PAGE_ID_IN_USE = "page.id_in_use"
    PAGE_TOO_MANY_CALLS = "page.too_many_calls"
    PAGE_ASKED_TOO_OFTEN = "page.asked_too_often"
    PAGE_PIN_FORBIDDEN = "page.pin_forbidden"
    PAGE_NONCE_WEAK = "page.nonce_weak"
    PAGE_FORMAT_UNSUPPORTED = "page.format_unsupported"
    PAGE_DOCUMENT_UNSUITABLE = "page.document_unsuitable"
    PAGE_ENVELOPE_UNSUITABLE = "page.envelope_unsuitable"
    PAGE_UPLOAD_UNKNOWN = "page.upload_unknown"
    PAGE_UPLOAD_INCOMPLETE = "page.upload_incomplete"
    PAGE_CERTIFICATE_UNKNOWN = "page.certificate_unknown"
    PAGE_CANCELLED = "page.cancelled"

    USER_REFUSED = "user.refused"
    USER_TIMEOUT = "user.timeout"
    USER_PIN_INCORRECT = "user.pin_incorrect"

    TOKEN_ABSENT = "token.absent"
    TOKEN_REMOVED = "token.removed"
    TOKEN_PIN_LOCKED = "token.pin_locked"
    TOKEN_BUSY = "token.busy"
    TOKEN_TIMEOUT = "token.timeout"
    TOKEN_FAULT = "token.fault"
    TOKEN_CERTIFICATE_EXPIRED = "token.certificate_expired"
    TOKEN_CERTIFICATE_UNSUITABLE = "token.certificate_unsuitable"

    POLICY_OPERATION_DENIED = "policy.operation_denied"
    POLICY_FORMAT_DENIED = "policy.format_denied"
    POLICY_KEY_DENIED = "policy.key_denied"

    AGENT_BUSY = "agent.busy"
    AGENT_PAUSED = "agent.paused"
    AGENT_AUDIT_UNAVAILABLE = "agent.audit_unavailable"
    AGENT_STORAGE_FULL = "agent.storage_full"
    AGENT_WINDOW_UNAVAILABLE = "agent.window_unavailable"
    AGENT_FAULT = "agent.fault"

    @property
    def jsonrpc_code(self) -> int:
        """Return the number JSON-RPC 2.0 wants beside the dotted code."""
        return _JSONRPC.get(self, JSONRPC_REFUSED)

    @property
    def page_may_retry(self) -> bool:
        """Whether the same request can succeed later without a change to the page."""
        return self in _RETRY

    @property
    def meaning(self) -> str:
        """Return one English sentence for the page's developer."""
        return _MEANING[self]


_JSONRPC = {
    ErrorCode.PAGE_MALFORMED: JSONRPC_PARSE_ERROR,
    ErrorCode.PAGE_INVALID_REQUEST: JSONRPC_INVALID_REQUEST,
    ErrorCode.PAGE_UNKNOWN_METHOD: JSONRPC_METHOD_NOT_FOUND,
    ErrorCode.PAGE_INVALID_PARAMS: JSONRPC_INVALID_PARAMS,
}

_RETRY = frozenset(
    {
        ErrorCode.PAGE_TOO_MANY_CALLS,
        ErrorCode.PAGE_ASKED_TOO_OFTEN,
        ErrorCode.PAGE_UPLOAD_UNKNOWN,
        ErrorCode.PAGE_CERTIFICATE_UNKNOWN,
        ErrorCode.PAGE_CANCELLED,
        ErrorCode.USER_REFUSED,
        ErrorCode.USER_TIMEOUT,
        ErrorCode.USER_PIN_INCORRECT,
        ErrorCode.TOKEN_ABSENT,
        ErrorCode.TOKEN_REMOVED,
        ErrorCode.TOKEN_BUSY,
        ErrorCode.TOKEN_TIMEOUT,
        ErrorCode.TOKEN_FAULT,
        ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE,
        ErrorCode.POLICY_KEY_DENIED,
        ErrorCode.AGENT_BUSY,
        ErrorCode.AGENT_PAUSED,
        ErrorCode.AGENT_AUDIT_UNAVAILABLE,
        ErrorCode.AGENT_STORAGE_FULL,
        ErrorCode.AGENT_WINDOW_UNAVAILABLE,
        ErrorCode.AGENT_FAULT,
    }
)

_MEANING = {
    ErrorCode.PAGE_MALFORMED: "The message is not one strict JSON document.",
    ErrorCode.PAGE_INVALID_REQUEST: "The message is not a JSON-RPC 2.0 request of this contract.",
    ErrorCode.PAGE_UNKNOWN_METHOD: "There is no such method.",
    ErrorCode.PAGE_INVALID_PARAMS: "A parameter is missing, unknown or of the wrong form.",
    ErrorCode.PAGE_TOO_LARGE: "The message or the document is larger than the contract allows.",
    ErrorCode.PAGE_HELLO_REQUIRED: "The first call of a connection must be hello, and only once.",
    ErrorCode.PAGE_VERSION_UNSUPPORTED: "The agent does not speak this version of the contract.",
    ErrorCode.PAGE_ID_IN_USE: "A call with this id is still running.",
    ErrorCode.PAGE_TOO_MANY_CALLS: "Too many calls are running on this connection.",
    ErrorCode.PAGE_ASKED_TOO_OFTEN: (
        "Three windows of this site ended without a yes; it is not heard for five minutes."
    ),
    ErrorCode.PAGE_PIN_FORBIDDEN: "A PIN has no place in a message; the person types it elsewhere.",
    ErrorCode.PAGE_NONCE_WEAK: "The nonce is not 44 to 128 characters of base64 from 32 octets up.",
    ErrorCode.PAGE_FORMAT_UNSUPPORTED: "This document type or signature format is not offered.",
    ErrorCode.PAGE_DOCUMENT_UNSUITABLE: "The document cannot be shown exactly; it is not signed.",
    ErrorCode.PAGE_ENVELOPE_UNSUITABLE: "The envelope is damaged or of a form that is not opened.",
    ErrorCode.PAGE_UPLOAD_UNKNOWN: (
        "No upload of this site has this id: it was never begun, was used up, or waited too long."
    ),
    ErrorCode.PAGE_UPLOAD_INCOMPLETE: "Octets of this upload are still missing.",
    ErrorCode.PAGE_CERTIFICATE_UNKNOWN: "No present token holds the certificate that was named.",
    ErrorCode.PAGE_CANCELLED: "The page cancelled the call.",
    ErrorCode.USER_REFUSED: "The person refused.",
    ErrorCode.USER_TIMEOUT: "The person did not answer in time.",
    ErrorCode.USER_PIN_INCORRECT: "The person gave up after a PIN that the token did not take.",
    ErrorCode.TOKEN_ABSENT: "No suitable token is plugged in.",
    ErrorCode.TOKEN_REMOVED: "The token was pulled out before it had signed.",
    ErrorCode.TOKEN_PIN_LOCKED: "The token is locked after too many wrong PINs.",
    ErrorCode.TOKEN_BUSY: "Another program has the card for itself.",
    ErrorCode.TOKEN_TIMEOUT: "The token did not answer in time.",
    ErrorCode.TOKEN_FAULT: "The token or its driver failed.",
    ErrorCode.TOKEN_CERTIFICATE_EXPIRED: "Every fitting certificate is expired or not yet valid.",
    ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE: "No certificate on the token is meant for this use.",
    ErrorCode.POLICY_OPERATION_DENIED: "The policy does not allow this site this operation.",
    ErrorCode.POLICY_FORMAT_DENIED: (
        "The policy does not allow this site this signature format, or no longer."
    ),
    ErrorCode.POLICY_KEY_DENIED: "The policy does not allow this site any of the present keys.",
    ErrorCode.AGENT_BUSY: "Another window is open; one at a time.",
    ErrorCode.AGENT_PAUSED: "The person paused the agent.",
    ErrorCode.AGENT_AUDIT_UNAVAILABLE: "The log cannot be written, so nothing is signed.",
    ErrorCode.AGENT_STORAGE_FULL: "There is no room on this computer for the upload.",
    ErrorCode.AGENT_WINDOW_UNAVAILABLE: "The consent window could not be shown or ended early.",
    ErrorCode.AGENT_FAULT: "The agent failed; the details are in its log.",
}


class ProtocolError(Exception):
    """A message that this contract refuses; the page's fault.

    Attributes:
        code: which rule was broken.
        detail: one English sentence naming the field, without any of the page's own text.
        request_id: the id to answer to, or ``None`` when none could be read.
    """

    def __init__(
        self, code: ErrorCode, detail: str = "", request_id: str | int | None = None
    ) -> None:
        """Keep the code, the detail and the id; the sentence is built on demand."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or self.code.meaning}"
