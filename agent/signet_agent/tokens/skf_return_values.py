"""What the return values of GM/T 0016 (Annex A) mean to a person."""

from signet_agent.channel.token_messages import TokenFault

NOT_SUPPORTED = 0x0A00_0003
CERTIFICATE_NOT_FOUND = 0x0A00_001C
NO_EVENT = 0x0A00_0022

FAULTS = {
    NOT_SUPPORTED: TokenFault.UNSUPPORTED,  # SAR_NOTSUPPORTYETERR
    0x0A00_0005: TokenFault.REMOVED,  # SAR_INVALIDHANDLEERR: the handle was fresh
    0x0A00_000A: TokenFault.UNSUPPORTED,  # SAR_KEYUSAGEERR
    0x0A00_000B: TokenFault.UNSUPPORTED,  # SAR_MODULUSLENERR
    0x0A00_000F: TokenFault.TIMEOUT,  # SAR_TIMEOUTERR
    0x0A00_0016: TokenFault.UNSUPPORTED,  # SAR_RSAMODULUSLENERR
    0x0A00_001B: TokenFault.KEY_MISSING,  # SAR_KEYNOTFOUNDERR
    CERTIFICATE_NOT_FOUND: TokenFault.KEY_MISSING,  # SAR_CERTNOTFOUNDERR
    0x0A00_0021: TokenFault.UNSUPPORTED,  # SAR_KEYINFOTYPEERR
    0x0A00_0023: TokenFault.REMOVED,  # SAR_DEVICE_REMOVED
    0x0A00_0024: TokenFault.PIN_INCORRECT,  # SAR_PIN_INCORRECT
    0x0A00_0025: TokenFault.PIN_LOCKED,  # SAR_PIN_LOCKED
    0x0A00_0026: TokenFault.PIN_INCORRECT,  # SAR_PIN_INVALID: characters no PIN of the token has
    0x0A00_0027: TokenFault.PIN_LENGTH,  # SAR_PIN_LEN_RANGE
    0x0A00_0029: TokenFault.UNSUPPORTED,  # SAR_USER_PIN_NOT_INITIALIZED
    0x0A00_002D: TokenFault.REMOVED,  # SAR_USER_NOT_LOGGED_IN: right after a login, so it was reset
    0x0A00_002E: TokenFault.REMOVED,  # SAR_APPLICATION_NOT_EXISTS: it was listed
}
"""Every other value, a maker's own among them, is the library's trouble: ``TokenFault.MODULE``.
Some libraries return the general error for a pulled token; another look at the devices decides."""
