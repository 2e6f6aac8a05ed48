"""The cases that are told in prose, each played as often as its prose has variations."""

from tests.attacks.procedures import (
    audit_log,
    browser_pages,
    card_service,
    connections,
    consents,
    drivers,
    frames,
    handshakes,
    in_flight,
    messages,
    origins,
    parameters,
    pins,
    weak_tls,
)

__all__ = [
    "audit_log",
    "browser_pages",
    "card_service",
    "connections",
    "consents",
    "drivers",
    "frames",
    "handshakes",
    "in_flight",
    "messages",
    "origins",
    "parameters",
    "pins",
    "weak_tls",
]
