"""Content keys of envelopes, unwrapped by the real SoftHSM2 in this process."""

from collections.abc import Callable

import pytest

from signet_agent.channel.token_messages import TokenFault
from signet_agent.model import Certificate, KeyPadding, KeyUse
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.pkcs11 import Pkcs11Provider
from tests.kit.envelope import encrypted_for
from tests.kit.softhsm import PIN, SoftHsm

Provide = Callable[[SoftHsm], Pkcs11Provider]

CONTENT_KEY = bytes(range(16))
WRONG = PIN[:-1] + "5"


def _opening(tokens: Pkcs11Provider) -> Certificate:
    (token,) = tokens.tokens()
    return next(each for each in token.certificates if KeyUse.OPEN in each.uses)


def _unwrap(
    tokens: Pkcs11Provider,
    certificate: Certificate,
    padding: KeyPadding,
    encrypted: bytes = b"",
    pin: str = PIN,
) -> bytes:
    encrypted = encrypted or encrypted_for(certificate, padding, CONTENT_KEY)
    buffer = bytearray(pin.encode())
    return tokens.unwrap(certificate.key, encrypted, padding, buffer, last_try=False)


@pytest.mark.parametrize("padding", [KeyPadding.PKCS1, KeyPadding.OAEP_SHA1])
def test_a_content_key_is_unwrapped(
    provide: Provide, enterprise_token: SoftHsm, padding: KeyPadding
) -> None:
    tokens = provide(enterprise_token)
    certificate = _opening(tokens)

    assert _unwrap(tokens, certificate, padding) == CONTENT_KEY


def test_what_a_module_cannot_unwrap_is_the_envelopes_fault(
    provide: Provide, enterprise_token: SoftHsm
) -> None:
    tokens = provide(enterprise_token)
    certificate = _opening(tokens)

    with pytest.raises(TokenRefusalError) as refused:
        _unwrap(tokens, certificate, KeyPadding.PKCS1, bytes(255) + b"\1")

    assert refused.value.fault is TokenFault.ENVELOPE
    assert refused.value.detail.startswith("C_Decrypt ")


def test_a_wrong_pin_unwraps_nothing(provide: Provide, enterprise: SoftHsm) -> None:
    tokens = provide(enterprise)
    certificate = _opening(tokens)

    with pytest.raises(TokenRefusalError) as refused:
        _unwrap(tokens, certificate, KeyPadding.PKCS1, pin=WRONG)

    assert refused.value.fault is TokenFault.PIN_INCORRECT
