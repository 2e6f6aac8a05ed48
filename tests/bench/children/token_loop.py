"""What a token can do without an agent: loops over python-pkcs11 and nothing else.

Usage: ``token_loop.py MODULE LABEL PIN KEY MECHANISM CERTIFICATE``: KEY is a CKA_ID (hexadecimal),
MECHANISM ``RSA_PKCS`` or ``ECDSA``, CERTIFICATE a file (DER). A line ``["login", 50]`` is answered
by the seconds of each of 50 turns and the processor seconds of one:

- ``login``: open a session, log in, find the key, sign a digest, close.
- ``raw``: SHA-256 over a document and one signature, in a session that stays logged in.
- ``cms``: the same with the signed attributes made and the CMS written around it.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass, SignMixin

DOCUMENT = b"0123456789abcde\n" * 640
"""10 KB."""

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""SHA-256's DigestInfo up to the digest (RFC 8017, section 9.2, note 1)."""

Signer = Callable[[bytes], bytes]
"""Signs a digest."""

Turn = Callable[[], object]


class TokenLoop:
    """One key of one token."""

    def __init__(self, module: str, label: str, pin: str, key: str, mechanism: str) -> None:
        """Load the module and look the token up, once, as the agent's room does."""
        self._token = pkcs11.lib(module).get_token(token_label=label)
        self._pin = pin
        self._id = bytes.fromhex(key)
        self._mechanism = Mechanism[mechanism]

    def login(self) -> bytes:
        """Open, log in, find, sign, close."""
        with self.signer() as sign:
            return sign(bytes(32))

    @contextmanager
    def signer(self) -> Iterator[Signer]:
        """Open a session that is logged in, and find the key in it."""
        wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: self._id}
        with self._token.open(user_pin=self._pin) as session:
            (key,) = session.get_objects(wanted)
            assert isinstance(key, SignMixin)
            yield lambda digest: self._sign(key, digest)

    def _sign(self, key: SignMixin, digest: bytes) -> bytes:
        data = DIGEST_INFO + digest if self._mechanism is Mechanism.RSA_PKCS else digest
        return bytes(key.sign(data, mechanism=self._mechanism))


def raw_turn(sign: Signer) -> Turn:
    """Return a turn that hashes the document and signs the digest."""
    return lambda: sign(hashlib.sha256(DOCUMENT).digest())


def cms_turn(sign: Signer, certificate: bytes) -> Turn:
    """Return a turn that makes one detached CAdES-B signature with RSA."""
    from signet_agent.documents.formats.cms import CadesFormat
    from signet_agent.model import Algorithm

    form, algorithm = CadesFormat(), Algorithm.RS256

    def turn() -> bytes:
        digest = hashlib.sha256(DOCUMENT).digest()
        attributes = form.bind(digest, certificate, algorithm, int(time.time()))
        value = sign(hashlib.sha256(attributes).digest())
        return form.finish(attributes, certificate, algorithm, value, None)

    return turn


def answer(loop: TokenLoop, certificate: bytes, kind: str, count: int) -> dict[str, object]:
    """Take the turns of one question."""
    if kind == "login":
        return timed(loop.login, count)
    with loop.signer() as sign:
        return timed(raw_turn(sign) if kind == "raw" else cms_turn(sign, certificate), count)


def timed(turn: Turn, count: int) -> dict[str, object]:
    """Take a turn ``count`` times."""
    seconds, clock = [], time.perf_counter
    used = time.process_time()
    for _ in range(count):
        started = clock()
        turn()
        seconds.append(clock() - started)
    return {"seconds": seconds, "processor": (time.process_time() - used) / count}


def main(certificate: str, loop: TokenLoop) -> None:
    """Answer lines until there are no more."""
    der = Path(certificate).read_bytes()
    for line in sys.stdin:
        kind, count = json.loads(line)
        sys.stdout.write(json.dumps(answer(loop, der, kind, count)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[6], TokenLoop(*sys.argv[1:6]))
