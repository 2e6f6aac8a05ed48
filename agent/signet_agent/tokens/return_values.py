"""What PKCS#11's return values (2.40, section 5.1) mean to a person."""

from signet_agent.channel.token_messages import TokenFault

FAULTS = {
    0x001: TokenFault.DECLINED,  # CKR_CANCEL: at the reader's keys
    0x003: TokenFault.REMOVED,  # CKR_SLOT_ID_INVALID
    0x032: TokenFault.REMOVED,  # CKR_DEVICE_REMOVED
    0x050: TokenFault.DECLINED,  # CKR_FUNCTION_CANCELED
    0x054: TokenFault.UNSUPPORTED,  # CKR_FUNCTION_NOT_SUPPORTED
    0x060: TokenFault.REMOVED,  # CKR_KEY_HANDLE_INVALID: the handle was fresh
    0x062: TokenFault.UNSUPPORTED,  # CKR_KEY_SIZE_RANGE
    0x063: TokenFault.UNSUPPORTED,  # CKR_KEY_TYPE_INCONSISTENT
    0x068: TokenFault.UNSUPPORTED,  # CKR_KEY_FUNCTION_NOT_PERMITTED
    0x070: TokenFault.UNSUPPORTED,  # CKR_MECHANISM_INVALID
    0x071: TokenFault.UNSUPPORTED,  # CKR_MECHANISM_PARAM_INVALID
    0x082: TokenFault.REMOVED,  # CKR_OBJECT_HANDLE_INVALID: the handle was fresh
    0x0A0: TokenFault.PIN_INCORRECT,  # CKR_PIN_INCORRECT
    0x0A1: TokenFault.PIN_INCORRECT,  # CKR_PIN_INVALID: characters no PIN of this token has
    0x0A2: TokenFault.PIN_LENGTH,  # CKR_PIN_LEN_RANGE
    0x0A3: TokenFault.PIN_LOCKED,  # CKR_PIN_EXPIRED: like a lock, the vendor's program cures it
    0x0A4: TokenFault.PIN_LOCKED,  # CKR_PIN_LOCKED
    0x0B0: TokenFault.REMOVED,  # CKR_SESSION_CLOSED: by the module, when the token went
    0x0B3: TokenFault.REMOVED,  # CKR_SESSION_HANDLE_INVALID: likewise
    0x0E0: TokenFault.REMOVED,  # CKR_TOKEN_NOT_PRESENT
    0x0E1: TokenFault.REMOVED,  # CKR_TOKEN_NOT_RECOGNIZED
    0x101: TokenFault.REMOVED,  # CKR_USER_NOT_LOGGED_IN: right after a login, so it was reset
    0x102: TokenFault.UNSUPPORTED,  # CKR_USER_PIN_NOT_INITIALIZED
    0x200: TokenFault.DECLINED,  # CKR_FUNCTION_REJECTED: likewise
}
"""Every other value is the module's own trouble: ``TokenFault.MODULE``. That includes the general
errors that many modules return for a pulled token; there, another look at the slot decides."""

PIN_FAULTS = frozenset({TokenFault.PIN_INCORRECT, TokenFault.PIN_LENGTH, TokenFault.PIN_LOCKED})
"""Refusals that tell how the PIN stands."""
