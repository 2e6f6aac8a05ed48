"""The SKF provider as tests use it, within their own process."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from signet_agent.channel.token_messages import OpenModule, SkfForm
from signet_agent.model import Algorithm, Certificate, KeyUse, Token
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.skf import SkfEnvelope, SkfProvider
from signet_protocol.gm import DEFAULT_ID, Sm2PublicKey
from signet_protocol.gm.gmt0010 import read_envelope, seal
from signet_protocol.gm.sm2 import compute_e
from tests.skf.build import SoftSkf
from tests.skf.devices import PIN
from tests.skf.people import GmPeople

MESSAGE = b"document"


def open_provider(skf: SoftSkf, **form: object) -> SkfProvider:
    """Open the library in this process; ``form`` are words of its policy."""
    return SkfProvider(library_module(skf, **form), lambda _: None)


def library_module(skf: SoftSkf, **form: object) -> OpenModule:
    """Return what the daemon says to have the library opened."""
    return OpenModule("gm", "skf", str(skf.path), skf=SkfForm(**form))  # type: ignore[arg-type]  # the tests' own words


def certificate_of(token: Token, algorithm: Algorithm, use: KeyUse = KeyUse.SIGN) -> Certificate:
    """Return the first certificate of an algorithm and a use."""
    return next(c for c in token.certificates if c.algorithm is algorithm and use in c.uses)


def sign_with(provider: SkfProvider, certificate: Certificate, pin: str = PIN) -> bytes:
    """Return the raw signature of the message, with SM2 over e and the default identity."""
    assert certificate.algorithm is not None
    digest = sha256(MESSAGE).digest()
    if certificate.algorithm is Algorithm.SM2:
        digest = compute_e(Sm2PublicKey.from_spki(certificate.spki).point, MESSAGE, DEFAULT_ID)
    entered = bytearray(pin.encode())
    algorithm = certificate.algorithm
    (value,) = provider.sign(certificate.key, algorithm, (digest,), entered, last_try=False)
    return value


def refusal_of(ask: Callable[[], object]) -> TokenRefusalError:
    """Return the refusal that a question ends in."""
    with pytest.raises(TokenRefusalError) as refused:
        ask()
    return refused.value


def open_sealed(provider: SkfProvider, token: Token, people: GmPeople, content: bytes) -> bytes:
    """Seal a content to the person, and open it on the token."""
    envelope = read_envelope(seal(content, [people.open.certificate]))
    wrapped = envelope.recipients[0].wrapped_key
    sealed = SkfEnvelope(wrapped, envelope.iv, envelope.ciphertext)
    key = certificate_of(token, Algorithm.SM2, KeyUse.OPEN).key
    return provider.open_envelope(key, sealed, bytearray(PIN.encode()), last_try=False)
