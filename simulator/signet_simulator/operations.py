"""What each call gives: checked before anybody is asked, made after the person agreed."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from signet_protocol.enveloped import EnvelopeError
from signet_protocol.errors import ErrorCode
from signet_protocol.gm import Sm2PrivateKey
from signet_protocol.messages import (
    BatchItem,
    Call,
    Choose,
    ChooseResult,
    Decrypt,
    DecryptResult,
    Login,
    LoginResult,
    Result,
    Sign,
    SignBatch,
    SignBatchResult,
    SignFile,
    SignResult,
    WebEidToken,
    is_nonce,
)
from signet_simulator import __version__
from signet_simulator.cades import write_cades
from signet_simulator.documents import (
    FILE_MEDIA_TYPE,
    read_document,
    require_format,
    require_name,
    require_showable,
)
from signet_simulator.envelopes import Sealed, read_sealed
from signet_simulator.errors import CallEndedError
from signet_simulator.keys import ClassicKey, Holding, algorithm_of, sign, sign_for_web
from signet_simulator.people import Person
from signet_simulator.uploads import Uploads

_APP_VERSION = f"signet-simulator/{__version__}"


@dataclass(frozen=True)
class Prepared:
    """A call that may be put to the person.

    Attributes:
        find: the certificate of a person that fits the call; ``None`` when she has none.
        make: the result, with that certificate.
    """

    find: Callable[[Person], Holding | None]
    make: Callable[[Holding], Result]


def prepare(call: Call, origin: str, uploads: Uploads) -> Prepared:
    """Check a call as the agent does before its window opens.

    Raises:
        CallEndedError: the page is at fault.
    """
    if isinstance(call, Login):
        return _prepare_login(call, origin)
    if isinstance(call, Sign):
        return _prepare_sign(call)
    if isinstance(call, SignBatch):
        return _prepare_batch(call)
    if isinstance(call, SignFile):
        return _prepare_file(call, origin, uploads)
    if isinstance(call, Decrypt):
        return _prepare_decrypt(call)
    assert isinstance(call, Choose)  # noqa: S101 -- the other calls open no window
    return Prepared(_signing, _choose)


def _signing(person: Person) -> Holding:
    return person.signing


def _prepare_login(call: Login, origin: str) -> Prepared:
    if not is_nonce(call.nonce):
        raise CallEndedError(ErrorCode.PAGE_NONCE_WEAK)
    texts = (origin.encode("ascii"), call.nonce.encode("ascii"))
    octets = b"".join(hashlib.sha256(text).digest() for text in texts)

    def make(holding: Holding) -> LoginResult:
        key = _classic_key(holding)
        return LoginResult(
            WebEidToken(
                unverified_certificate=_base64(holding.der),
                algorithm=algorithm_of(key),
                signature=_base64(sign_for_web(key, octets)),
                app_version=_APP_VERSION,
            )
        )

    return Prepared(_signing, make)


def _choose(holding: Holding) -> ChooseResult:
    return ChooseResult(_base64(holding.der), holding.fingerprint)


def _prepare_sign(call: Sign) -> Prepared:
    content = read_document(call.document)
    require_format(call.format, call.packaging)
    require_showable(content, call.media_type, call.format)

    def make(holding: Holding) -> SignResult:
        signature = _sign(holding, content, call.format, call.packaging)
        return SignResult(
            signature, _base64(holding.der), hashlib.sha256(content).hexdigest(), call.format
        )

    return Prepared(_signing, make)


def _prepare_batch(call: SignBatch) -> Prepared:
    require_format(call.format, call.packaging)
    contents = []
    for each in call.documents:
        require_name(each.name)
        content = read_document(each.document)
        require_showable(content, each.media_type, call.format)
        contents.append(content)

    def make(holding: Holding) -> SignBatchResult:
        items = [
            BatchItem(
                _sign(holding, content, call.format, call.packaging),
                hashlib.sha256(content).hexdigest(),
            )
            for content in contents
        ]
        return SignBatchResult(tuple(items), _base64(holding.der), call.format)

    return Prepared(_signing, make)


def _prepare_file(call: SignFile, origin: str, uploads: Uploads) -> Prepared:
    require_name(call.name)
    if call.media_type != FILE_MEDIA_TYPE or call.format != "cades-b":
        # A plain signature takes text that is shown, which a file is not.
        raise CallEndedError(ErrorCode.PAGE_FORMAT_UNSUPPORTED)
    arriving = uploads.complete(origin, call.upload)

    def make(holding: Holding) -> SignResult:
        digest = arriving.digest.digest()
        signed = write_cades(holding, _classic_key(holding), digest, datetime.now(UTC), None)
        uploads.use_up(arriving)
        return SignResult(_base64(signed), _base64(holding.der), digest.hex(), call.format)

    return Prepared(_signing, make)


def _prepare_decrypt(call: Decrypt) -> Prepared:
    sealed = _read_sealed(call)

    def find(person: Person) -> Holding | None:
        holding = person.encryption
        return holding if holding is not None and sealed.is_for(holding) else None

    def make(holding: Holding) -> DecryptResult:
        try:
            content = sealed.open(holding)
        except EnvelopeError:
            raise CallEndedError(ErrorCode.PAGE_ENVELOPE_UNSUITABLE) from None
        return DecryptResult(_base64(content), _base64(holding.der))

    return Prepared(find, make)


def _read_sealed(call: Decrypt) -> Sealed:
    try:
        return read_sealed(read_document(call.envelope))
    except EnvelopeError:
        raise CallEndedError(ErrorCode.PAGE_ENVELOPE_UNSUITABLE) from None


def _sign(holding: Holding, content: bytes, form: str, packaging: str) -> str:
    """Return the signature of a document, base64."""
    key = _classic_key(holding)
    if form == "plain":
        return _base64(sign(key, content))
    embedded = content if packaging == "attached" else None
    digest = hashlib.sha256(content).digest()
    return _base64(write_cades(holding, key, digest, datetime.now(UTC), embedded))


def _classic_key(holding: Holding) -> ClassicKey:
    """Return the key; the contract has no form of SM2 for a login or a signature yet."""
    if isinstance(holding.key, Sm2PrivateKey):
        raise CallEndedError(ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE)
    return holding.key


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")
