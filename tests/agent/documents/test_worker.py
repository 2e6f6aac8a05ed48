"""The room's loop: one answer for every question, whatever the question holds."""

import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.channel.child import ChildChannel, ParentGoneError
from signet_agent.channel.document_messages import (
    Bind,
    Bound,
    DocumentAnswer,
    DocumentFailure,
    DocumentFault,
    DocumentQuestion,
    Finish,
    Finished,
    FormView,
    Opened,
    OpenEnvelope,
    ReadEnvelope,
    Recipients,
    Show,
    Shown,
)
from signet_agent.channel.frames import MAX_FRAME_BYTES, FrameError
from signet_agent.documents.envelopes.cms import CmsEnvelope
from signet_agent.documents.formats.cms import CadesFormat
from signet_agent.documents.previews.base import Preview
from signet_agent.documents.previews.form import FormPreview
from signet_agent.documents.previews.text import TextPreview
from signet_agent.documents.worker import serve
from signet_agent.model import Algorithm, Paper, Row
from signet_agent.tokens.certificates import describe
from tests.kit import pki
from tests.kit.document_room import StartedRoom, started_room
from tests.kit.envelope import PADDINGS, sealed

SECRET = "91990100MAYT00013L"


class Raising:
    """A preview that fails as a parser may, with the document in the error's text."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def show(self, content: bytes, forms: Mapping[str, FormView]) -> Shown:
        raise self._error


class Endless:
    """A preview whose answer does not fit into a frame."""

    def show(self, content: bytes, forms: Mapping[str, FormView]) -> Shown:
        return Shown(Paper(text="x" * MAX_FRAME_BYTES))


PREVIEWS: dict[str, Preview] = {
    "text/plain": TextPreview(),
    "application/json": FormPreview(),
    "test/value": Raising(ValueError(SECRET)),
    "test/recursion": Raising(RecursionError(SECRET)),
    "test/memory": Raising(MemoryError(SECRET)),
    "test/endless": Endless(),
}


@contextmanager
def _served() -> Iterator[ChildChannel[DocumentAnswer]]:
    """Run the loop in a thread; give the daemon's half of its channel."""
    ours, theirs = socket.socketpair()
    room = ChildChannel[DocumentQuestion](theirs, DocumentQuestion)
    thread = threading.Thread(
        target=serve, args=(room, {"cades-b": CadesFormat()}, PREVIEWS, CmsEnvelope()), daemon=True
    )
    thread.start()
    with ours, theirs:
        yield ChildChannel[DocumentAnswer](ours, DocumentAnswer)
        ours.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def channel() -> Iterator[ChildChannel[DocumentAnswer]]:
    with _served() as served:
        yield served


def _ask(channel: ChildChannel[DocumentAnswer], question: DocumentQuestion) -> DocumentAnswer:
    channel.send(question)
    return channel.receive()


@pytest.fixture(scope="module")
def room() -> Iterator[StartedRoom]:
    with started_room() as started:
        yield started


def test_a_document_is_shown_bound_and_finished_in_a_real_room(
    room: StartedRoom, tmp_path: Path
) -> None:
    document = b'{"form":"gs1/1","tax_due":"48627.65"}'
    key = pki.private_key("rsa2048")
    assert isinstance(key, rsa.RSAPrivateKey)
    hierarchy = pki.Hierarchy.create()
    certificate = hierarchy.enterprise.issue(pki.ENTERPRISE, key.public_key())
    der = certificate.public_bytes(Encoding.DER)
    view = FormView("申报表", {"tax_due": "应补税额"}, ("应补 {tax_due} 元",), "tax_due")

    shown = room.ask(Show("application/json", document, {"gs1/1": view}))
    bound = room.ask(
        Bind("cades-b", sha256(document).digest(), der, Algorithm.RS256, 1_794_464_432)
    )
    assert isinstance(bound, Bound)
    signature = key.sign(bound.to_be_signed, padding.PKCS1v15(), hashes.SHA256())
    finished = room.ask(
        Finish("cades-b", bound.to_be_signed, der, Algorithm.RS256, signature, document)
    )

    rows = (Row("应补税额", "48,627.65", total=True), Row("form", "gs1/1"))
    assert shown == Shown(Paper("申报表", rows), "gs1/1", ("应补 48,627.65 元",))
    assert isinstance(finished, Finished)
    (tmp_path / "signed").write_bytes(finished.document)
    (tmp_path / "anchors").write_bytes(hierarchy.pem)
    command = "openssl cms -verify -binary -cades -inform DER -in signed -CAfile anchors"
    done = subprocess.run(
        [*command.split(), "-purpose", "any"], check=True, capture_output=True, cwd=tmp_path
    )
    assert done.stdout == document


@pytest.mark.parametrize("words", [("-aes-128-cbc",), ("-aes-256-cbc", "-keyid")])
def test_an_envelope_is_read_and_opened_in_a_real_room(
    room: StartedRoom, tmp_path: Path, words: tuple[str, ...]
) -> None:
    key = pki.private_key("rsa2048")
    assert isinstance(key, rsa.RSAPrivateKey)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = pki.Authority.create("CA").issue(
        pki.ENTERPRISE, key.public_key(), usage=pki.ENCRYPTION, extensions=[(identifier, False)]
    )
    der = certificate.public_bytes(Encoding.DER)
    described = describe(der, "t", "k")
    assert described is not None
    envelope = sealed(tmp_path, der, "工资单".encode(), *words)

    read = room.ask(ReadEnvelope(envelope))

    assert isinstance(read, Recipients)
    (recipient,) = read.keys
    assert recipient.recipient in described.recipient_ids
    content_key = key.decrypt(recipient.encrypted, PADDINGS[recipient.padding])
    assert len(content_key) == recipient.key_bytes
    assert room.ask(OpenEnvelope(envelope, content_key)) == Opened("工资单".encode())
    other = room.ask(OpenEnvelope(envelope, content_key[:-1]))
    assert isinstance(other, DocumentFailure)
    assert other.fault is DocumentFault.ENVELOPE


HOSTILE = [
    Show("application/json", b'{"a":' + b"[" * 200_000),
    Show("application/json", b'{"a":' + b"9" * 262_000 + b"}"),
    Show("application/json", b"{" + b'"a":1,' * 43_000 + b'"a":1}'),
    Show("application/json", b'{"a":["' + b'","' * 80_000 + b'"]}'),
    Show("text/plain", b"\0"),
    Show("text/plain", "\u202e".encode() * 80_000),
    Show("application/pdf", b"%PDF-1.7"),
    Show("", b""),
    Bind("cades-b", bytes(32), b"\x30\x80" * 100_000, Algorithm.RS256, 0),
    Bind("cades-b", bytes(31), b"", Algorithm.RS256, 0),
    Bind("xades-b", bytes(32), b"", Algorithm.RS256, 0),
    Finish("cades-b", b"\x31\x00", b"\x30\x00", Algorithm.ES256, bytes(64)),
    Finish("", b"", b"", Algorithm.ES256, b""),
    ReadEnvelope(b"\x30\x80" * 100_000),
    ReadEnvelope(b""),
    OpenEnvelope(b"\x30\x00", bytes(16)),
]


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_question_costs_an_answer_and_not_the_room(
    room: StartedRoom, question: DocumentQuestion
) -> None:
    assert isinstance(room.ask(question), DocumentFailure)
    assert room.ask(Show("text/plain", b"ok")) == Shown(Paper(text="ok"))


def test_a_room_ends_when_the_daemon_hangs_up_and_never_loaded_an_event_loop() -> None:
    with started_room() as room:
        room.ask(Show("text/plain", b"ok"))

        assert room.hang_up() == 0


def test_an_envelope_is_read_opened_and_refused_in_its_own_words(
    channel: ChildChannel[DocumentAnswer], tmp_path: Path
) -> None:
    key = pki.private_key("rsa2048")
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = pki.Authority.create("CA").issue(pki.ENTERPRISE, key.public_key())
    envelope = sealed(tmp_path, certificate.public_bytes(Encoding.DER), b"letter")

    read = _ask(channel, ReadEnvelope(envelope))

    assert isinstance(read, Recipients)
    content_key = key.decrypt(read.keys[0].encrypted, PADDINGS[read.keys[0].padding])
    assert _ask(channel, OpenEnvelope(envelope, content_key)) == Opened(b"letter")
    refused = _ask(channel, OpenEnvelope(envelope[:-1], content_key))
    assert isinstance(refused, DocumentFailure)
    assert refused.fault is DocumentFault.ENVELOPE


def test_an_unknown_media_type_is_not_offered(channel: ChildChannel[DocumentAnswer]) -> None:
    answer = _ask(channel, Show("application/pdf", b"%PDF"))

    assert isinstance(answer, DocumentFailure)
    assert answer.fault is DocumentFault.UNSUPPORTED


@pytest.mark.parametrize(
    "question",
    [
        Bind("pades-b", bytes(32), b"", Algorithm.RS256, 0),
        Finish("pades-b", b"", b"", Algorithm.RS256, b""),
    ],
)
def test_an_unknown_format_is_not_offered(
    channel: ChildChannel[DocumentAnswer], question: DocumentQuestion
) -> None:
    answer = _ask(channel, question)

    assert isinstance(answer, DocumentFailure)
    assert answer.fault is DocumentFault.UNSUPPORTED


def test_what_was_bound_is_finished(channel: ChildChannel[DocumentAnswer]) -> None:
    hierarchy = pki.Hierarchy.create()
    key = pki.private_key("p256").public_key()
    der = hierarchy.citizen.issue(pki.CITIZEN, key).public_bytes(Encoding.DER)

    bound = _ask(channel, Bind("cades-b", bytes(32), der, Algorithm.ES256, 0))
    assert isinstance(bound, Bound)
    finished = _ask(
        channel, Finish("cades-b", bound.to_be_signed, der, Algorithm.ES256, b"\1" * 64)
    )

    assert isinstance(finished, Finished)
    assert bound.to_be_signed[4:] in finished.document
    assert der in finished.document


def test_an_unreadable_certificate_is_not_blamed_on_the_document(
    channel: ChildChannel[DocumentAnswer],
) -> None:
    answer = _ask(channel, Bind("cades-b", bytes(32), b"\x30\x00", Algorithm.RS256, 0))

    assert isinstance(answer, DocumentFailure)
    assert answer.fault is DocumentFault.UNSUPPORTED
    assert "certificate" in answer.detail


def test_a_document_that_cannot_be_shown_is_unsuitable(
    channel: ChildChannel[DocumentAnswer],
) -> None:
    answer = _ask(channel, Show("text/plain", b"\xff"))

    assert answer == DocumentFailure(DocumentFault.UNSUITABLE, "the text is not UTF-8")


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("test/value", "ValueError"),
        ("test/recursion", "RecursionError"),
        ("test/memory", "MemoryError"),
    ],
)
def test_an_unexpected_error_is_told_by_its_class_alone(
    channel: ChildChannel[DocumentAnswer], media_type: str, name: str
) -> None:
    answer = _ask(channel, Show(media_type, SECRET.encode()))

    assert answer == DocumentFailure(DocumentFault.UNSUITABLE, name)


def test_an_answer_larger_than_a_frame_becomes_a_refusal(
    channel: ChildChannel[DocumentAnswer],
) -> None:
    answer = _ask(channel, Show("test/endless", b"x"))

    assert isinstance(answer, DocumentFailure)
    assert answer.fault is DocumentFault.UNSUITABLE


def test_the_largest_form_that_can_be_shown_fits_into_a_frame(
    channel: ChildChannel[DocumentAnswer],
) -> None:
    content = b'{"a":[' + b",".join([b'"' + b"x" * 49 + b'"'] * 4_900) + b"]}"

    answer = _ask(channel, Show("application/json", content))

    assert isinstance(answer, Shown)
    assert len(answer.paper.rows) == 4_900


def test_a_broken_frame_ends_the_room() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(struct.pack(">I", 1) + b"\xc1")

        with pytest.raises(FrameError):
            serve(ChildChannel(theirs, DocumentQuestion), {}, PREVIEWS, CmsEnvelope())


def test_a_daemon_that_is_gone_ends_the_room() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.close()

        serve(ChildChannel(theirs, DocumentQuestion), {}, PREVIEWS, CmsEnvelope())

        with pytest.raises(ParentGoneError):
            ChildChannel(theirs, DocumentQuestion).receive()


@given(
    st.sampled_from(["text/plain", "application/json"]),
    st.one_of(st.binary(max_size=100), st.text(max_size=60).map(str.encode)),
)
def test_any_document_gets_exactly_one_answer(media_type: str, content: bytes) -> None:
    with _served() as channel:
        assert isinstance(_ask(channel, Show(media_type, content)), Shown | DocumentFailure)


def test_what_the_room_loads_has_no_event_loop_and_no_network_client() -> None:
    modules = (
        *("documents.worker", "documents.sandbox", "documents.formats.cms"),
        *("documents.previews.form", "documents.previews.text"),
    )
    script = "import sys\n" + "".join(f"import signet_agent.{each}\n" for each in modules)
    script += (
        "sys.exit(bool({'asyncio', 'aiohttp', 'ssl', 'PySide6', 'pkcs11'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-I", "-c", script], check=False).returncode == 0
