"""Examples of the description: what a request and its answer look like.

Certificates and signatures are shortened to what shows their form; no key of anybody's made them.
"""

from typing import Any

_ORIGIN = "https://portal.city.example"
_SESSION = "b1c7d1f2a9"
_NONCE = "cnPOuzS8TyoRNGhA9rwn5hnfDCZPAmyT2gEVrMvEYj8="
_TOKEN = {
    "format": "web-eid:1.0",
    "algorithm": "ES256",
    "unverifiedCertificate": "MIIB",
    "signature": "c2ln",
    "appVersion": "signet/0.1.0",
}
_PROBLEM = {
    "type": "urn:signet:problem:request.invalid",
    "title": "A member is missing, unknown or of the wrong form.",
    "status": 400,
    "detail": "session has the wrong type or form",
    "code": "request.invalid",
    "fault": "request",
    "retry": False,
    "instance": "urn:uuid:0b7c2b6e-5a0c-4b53-9c0e-4a5a1c1f6a51",
}
_USED = {
    "reason": "login.nonce_unknown",
    "severity": "error",
    "about": "token",
    "certificate": "",
    "detail": "",
    "meaning": "The nonce was not issued to this session, was used or is too old.",
    "sentence": "这次登录已超时或已经用过，您还没有登录。请回到登录页面，再登录一次。",
}
_REFUSED_LOGIN = {
    "accepted": False,
    "findings": [_USED],
    "judged_at": "2026-03-09T08:30:00Z",
    "chain": [],
    "origin": _ORIGIN,
    "holder": None,
    "algorithm": "",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "NonceRequest": {"session": {"origin": _ORIGIN, "session": _SESSION}},
    "Nonce": {"issued": {"nonce": _NONCE, "expires_in": 300}},
    "LoginRequest": {
        "webEid": {"origin": _ORIGIN, "session": _SESSION, "nonce": _NONCE, "token": _TOKEN}
    },
    "LoginReport": {"usedBefore": _REFUSED_LOGIN},
    "SignatureRequest": {
        "detached": {"signature": "MIIH", "document": "eyJmb3JtIjoiZ3MxLzEifQ=="},
        "attached": {"signature": "MIIH"},
        "receivedEarlier": {
            "signature": "MIIH",
            "document": "eyJmb3JtIjoiZ3MxLzEifQ==",
            "received_at": "2026-03-09T08:30:00Z",
        },
    },
    "TimeStampRequest": {"overOctets": {"token": "MIIG", "content": "c2ln"}},
    "Health": {"ready": {"status": "ok", "version": "0.1.0", "nonces": "postgresql"}},
    "ProblemDetails": {"misspelt": _PROBLEM},
}
"""Examples by record and name."""
