"""A plugged-in token with its certificates, and how long they are valid."""

from math import ceil
from time import time

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.icons import Icon
from signet_agent.desktop.widgets.labels import box, column, label, row, rule
from signet_agent.desktop.widgets.status_parts import chip, local_date
from signet_agent.model import Algorithm, Certificate, KeyUse, Token

SOON_DAYS = 30
"""From here on the expiry is told of everywhere; renewing takes a visit or a day."""

_DAY_S = 86_400
_FAMILIES = {
    Algorithm.RS256: "RSA",
    Algorithm.ES256: "ECDSA P-256",
    Algorithm.ES384: "ECDSA P-384",
    Algorithm.ES512: "ECDSA P-521",
    Algorithm.SM2: "SM2",
}


def days_left(certificate: Certificate) -> int:
    """Return the days until a certificate expires, begun ones counted; 0 or less when it has."""
    return ceil((certificate.not_after - time()) / _DAY_S)


def soonest_expiry(tokens: tuple[Token, ...]) -> int | None:
    """Return the days to the next expiry within the time it is told of, if there is one."""
    days = [days_left(each) for token in tokens for each in token.certificates]
    return min((day for day in days if 0 < day <= SOON_DAYS), default=None)


def expiry_chip(look: Look, certificate: Certificate) -> QLabel:
    """Return until when a certificate is valid: a date, or a warning."""
    days = days_left(certificate)
    if days <= 0:
        return chip(look.texts("chip.expired"), "stop")
    if certificate.not_before > time():
        return chip(look.texts("chip.early"), "look")
    if days <= SOON_DAYS:
        return chip(look.texts.count("chip.days", days), "look")
    return label(local_date(certificate.not_after))


def use_name(look: Look, certificate: Certificate) -> str:
    """Return what a certificate is called by its uses."""
    if KeyUse.OPEN in certificate.uses:
        return look.texts("use.open")
    if KeyUse.SIGN not in certificate.uses:
        return look.texts("use.login")
    return look.texts("use.sign" if certificate.organisation else "use.person")


def token_card(look: Look, token: Token, *, full: bool) -> QFrame:
    """Return a token's card; ``full`` adds number and issuer of each certificate."""
    lines: list[QWidget] = []
    for certificate in token.certificates:
        lines += [rule(), _certificate_line(look, certificate, full=full)]
    return box("tokenCard", column(_head(look, token), *lines, None))


def _head(look: Look, token: Token) -> QWidget:
    first = token.certificates[0] if token.certificates else None
    name = (first.organisation or first.holder) if first else token.label
    tail = token.uri.rsplit("/", 1)[-1][-4:]
    words = column(
        label(name, "cardName", wrap=True),
        label(look.texts(f"place.{token.kind}", tail=tail), "quiet", wrap=True),
    )
    content = row(
        Icon(look, token.kind, "azurite", 24),
        words,
        _state_chip(look, token),
        spacing=12,
        margins=(16, 14, 16, 14),
    )
    content.setStretch(1, 1)
    return box("cardHead", content)


def _state_chip(look: Look, token: Token) -> QLabel:
    if token.pin.locked:
        return chip(look.texts("chip.locked"), "stop")
    if token.demo:
        return chip(look.texts("chip.demo"), "look")
    return chip(look.texts("status.present"), "ok")


def _certificate_line(look: Look, certificate: Certificate, *, full: bool) -> QWidget:
    texts = look.texts
    name = label(use_name(look, certificate), "certificateUse")
    name.setMinimumWidth(112)
    does = texts("list.joint").join(texts(f"does.{use}") for use in certificate.uses)
    family = _FAMILIES.get(certificate.algorithm) if certificate.algorithm else None
    parts = [part for part in (family, does) if part]
    details = [label(" · ".join(parts), "quiet", wrap=True)]
    if full:
        details += [
            label(f"{certificate.holder}", "quiet", wrap=True),
            label(f"{texts('field.serial')} {certificate.serial}", "quiet", wrap=True),
            label(f"{texts('field.issuer')} {certificate.issuer}", "quiet", wrap=True),
        ]
    content = row(
        name, column(*details), expiry_chip(look, certificate), spacing=10, margins=(16, 8, 16, 8)
    )
    content.setStretch(1, 1)
    return box("certificateLine", content)
