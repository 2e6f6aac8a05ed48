"""The rooms' side of the wiring: what each child process is made of.

With ``app`` the only file that names concrete classes. Each room imports its own libraries and
nothing of the daemon.
"""

from signet_agent.channel.child import ChildChannel, ParentGoneError, tie_to_parent


def run_room(name: str, descriptor: int, parent: int) -> int:
    """Become the room of this name until the daemon hangs up; return the exit status."""
    try:
        tie_to_parent(parent)
        _ROOMS[name](descriptor)
    except ParentGoneError:
        return 0
    return 0


def _run_tokens(descriptor: int) -> None:
    from signet_agent.channel.token_messages import OpenModule, TokenQuestion
    from signet_agent.tokens.confinement import confine, forbid_writing
    from signet_agent.tokens.pkcs11 import Pkcs11Provider
    from signet_agent.tokens.software import SoftwareProvider
    from signet_agent.tokens.worker import serve

    channel: ChildChannel[TokenQuestion] = ChildChannel.inherit(descriptor, TokenQuestion)
    confine()

    def open_pkcs11(module: OpenModule) -> Pkcs11Provider:
        if module.read_only:
            forbid_writing()
        return Pkcs11Provider(module)

    serve(channel, {"pkcs11": open_pkcs11, "software": SoftwareProvider})


def _run_cards(descriptor: int) -> None:
    from signet_agent.channel.token_messages import TokenQuestion, TokensChanged
    from signet_agent.tokens.card_watch import CardWatch
    from signet_agent.tokens.cards.base import CardProfile
    from signet_agent.tokens.cards.citizen import CITIZEN_CARD
    from signet_agent.tokens.cards.piv import PivCard
    from signet_agent.tokens.confinement import confine, forbid_writing
    from signet_agent.tokens.pcsc import CardProvider
    from signet_agent.tokens.worker import serve

    channel: ChildChannel[TokenQuestion] = ChildChannel.inherit(descriptor, TokenQuestion)
    confine()
    forbid_writing()
    profiles: dict[str, CardProfile] = {"piv": PivCard(), "citizen": CITIZEN_CARD}
    with CardWatch(lambda: channel.send(TokensChanged())) as watch:
        serve(channel, {"card": lambda module: CardProvider(module, profiles, watch.start)})


def _run_skf(descriptor: int) -> None:
    from signet_agent.channel.token_messages import TokenQuestion, TokensChanged
    from signet_agent.tokens.confinement import confine
    from signet_agent.tokens.skf import SkfProvider
    from signet_agent.tokens.skf_watch import SkfWatch
    from signet_agent.tokens.worker import serve

    channel: ChildChannel[TokenQuestion] = ChildChannel.inherit(descriptor, TokenQuestion)
    confine()
    with SkfWatch(lambda: channel.send(TokensChanged())) as watch:
        serve(channel, {"skf": lambda module: SkfProvider(module, watch.start)})


def _run_documents(descriptor: int) -> None:
    from signet_agent.channel.document_messages import DocumentQuestion
    from signet_agent.documents.envelopes.cms import CmsEnvelope
    from signet_agent.documents.formats.base import SignatureFormat
    from signet_agent.documents.formats.cms import CadesFormat
    from signet_agent.documents.formats.gmt0010 import Gmt0010Format
    from signet_agent.documents.formats.plain import PlainFormat
    from signet_agent.documents.previews.base import Preview
    from signet_agent.documents.previews.form import FormPreview
    from signet_agent.documents.previews.text import TextPreview
    from signet_agent.documents.sandbox import enter_sandbox
    from signet_agent.documents.worker import serve

    channel: ChildChannel[DocumentQuestion] = ChildChannel.inherit(descriptor, DocumentQuestion)
    previews: dict[str, Preview] = {
        "text/plain": TextPreview(),
        "text/plain;charset=gbk": TextPreview("gbk"),
        "application/json": FormPreview(),
    }
    enter_sandbox()
    formats: dict[str, SignatureFormat] = {
        "cades-b": CadesFormat(),
        "gmt0010": Gmt0010Format(),
        "plain": PlainFormat(),
    }
    serve(channel, formats, previews, CmsEnvelope())


def _run_window(descriptor: int) -> None:
    from signet_agent.channel.desktop_messages import WindowOrder
    from signet_agent.desktop.consent_window import run_window

    run_window(ChildChannel.inherit(descriptor, WindowOrder))


def _run_tray(descriptor: int) -> None:
    from signet_agent.channel.desktop_messages import ViewOrder
    from signet_agent.desktop.tray import run_tray

    run_tray(ChildChannel.inherit(descriptor, ViewOrder))


def _run_status(descriptor: int) -> None:
    from signet_agent.channel.desktop_messages import ViewOrder
    from signet_agent.desktop.status_window import run_status

    run_status(ChildChannel.inherit(descriptor, ViewOrder))


def _run_sandbox(descriptor: int) -> None:
    """Try the document room's sandbox for the doctor, and tell what held."""
    from signet_agent.documents.sandbox import describe_sandbox

    channel: ChildChannel[None] = ChildChannel.inherit(descriptor, None)
    channel.send(describe_sandbox())


_ROOMS = {
    "tokens": _run_tokens,
    "cards": _run_cards,
    "skf": _run_skf,
    "documents": _run_documents,
    "window": _run_window,
    "tray": _run_tray,
    "status": _run_status,
    "sandbox": _run_sandbox,
}

ROOM_NAMES = tuple(_ROOMS)
"""Every kind of child process there is."""
