"""The document room's only loop: one question, one answer, nothing kept in between."""

from collections.abc import Mapping

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
    Opened,
    OpenEnvelope,
    ReadEnvelope,
    Recipients,
    Show,
)
from signet_agent.channel.frames import FrameError
from signet_agent.documents.envelopes.base import EnvelopeForm, NotOpenedError
from signet_agent.documents.formats.base import FormatError, SignatureFormat
from signet_agent.documents.previews.base import NotShowableError, Preview

Formats = Mapping[str, SignatureFormat]
"""Signature formats by the name the contract gives them, such as ``cades-b``."""

Previews = Mapping[str, Preview]
"""Previews by media type, such as ``text/plain``."""


def serve(
    channel: ChildChannel[DocumentQuestion],
    formats: Formats,
    previews: Previews,
    envelope: EnvelopeForm,
) -> None:
    """Answer the daemon's questions until it hangs up.

    Raises:
        FrameError: the daemon broke the form of the channel, which ends the room.
    """
    try:
        while True:
            answer = _answer(channel.receive(), formats, previews, envelope)
            try:
                channel.send(answer)
            except FrameError:
                channel.send(DocumentFailure(DocumentFault.UNSUITABLE, "too large for one frame"))
    except ParentGoneError:
        return


def _answer(
    question: DocumentQuestion, formats: Formats, previews: Previews, envelope: EnvelopeForm
) -> DocumentAnswer:
    """Answer one question; a document that breaks a parser costs an answer, not the room."""
    try:
        if isinstance(question, Show):
            return _show(question, previews)
        if isinstance(question, ReadEnvelope):
            return Recipients(envelope.recipients(question.envelope))
        if isinstance(question, OpenEnvelope):
            return Opened(envelope.open(question.envelope, question.key))
        return _sign(question, formats)
    except NotOpenedError as error:
        return DocumentFailure(DocumentFault.ENVELOPE, str(error))
    except NotShowableError as error:
        return DocumentFailure(DocumentFault.UNSUITABLE, str(error))
    except FormatError as error:
        return DocumentFailure(DocumentFault.UNSUPPORTED, str(error))
    except Exception as error:  # noqa: BLE001 -- foreign parsers raise anything on hostile input
        # The class alone: an error's text may quote the document.
        return DocumentFailure(DocumentFault.UNSUITABLE, type(error).__name__)


def _show(question: Show, previews: Previews) -> DocumentAnswer:
    preview = previews.get(question.media_type)
    if preview is None:
        return DocumentFailure(DocumentFault.UNSUPPORTED, "no preview of this media type")
    return preview.show(question.content, question.forms)


def _sign(question: Bind | Finish, formats: Formats) -> DocumentAnswer:
    form = formats.get(question.format)
    if form is None:
        return DocumentFailure(DocumentFault.UNSUPPORTED, "no signature format of this name")
    if isinstance(question, Bind):
        return Bound(
            form.bind(question.digest, question.certificate, question.algorithm, question.signed_at)
        )
    return Finished(
        form.finish(
            question.attributes,
            question.certificate,
            question.algorithm,
            question.signature,
            question.content,
        )
    )
