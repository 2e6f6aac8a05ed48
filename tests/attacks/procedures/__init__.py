"""The cases that are told in prose, each played as often as its prose has variations."""

from tests.attacks.procedures import (
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
